package json

import (
	"io"
	"testing"

	"github.com/netsift/netsift/cmd/internal/report/sample"
)

func BenchmarkConnection(b *testing.B) {
	h := NewConnections(io.Discard)
	c := sample.Connections()[0]
	b.ReportAllocs()
	for b.Loop() {
		if err := h.Connection(c); err != nil {
			b.Fatal(err)
		}
	}
}
