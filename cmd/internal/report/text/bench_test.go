package text

import (
	"io"
	"testing"

	"github.com/netsift/netsift/cmd/internal/report/sample"
)

func BenchmarkFlows(b *testing.B) {
	h := NewFlows(io.Discard, Options{Width: 80, Color: true})
	c := sample.Connections()[0]
	b.ReportAllocs()
	for b.Loop() {
		if err := h.Connection(c); err != nil {
			b.Fatal(err)
		}
	}
}
