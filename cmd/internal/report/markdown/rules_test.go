package markdown

import (
	"bytes"
	"testing"

	"github.com/netsift/netsift/cmd/internal/report/golden"
	"github.com/netsift/netsift/cmd/internal/report/sample"
)

func TestGolden(t *testing.T) {
	var b bytes.Buffer
	if err := Rules(&b, sample.Catalogue()); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "rules.md", b.Bytes())
}
