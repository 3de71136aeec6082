package csv

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"unicode"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report/golden"
	"github.com/netsift/netsift/cmd/internal/report/sample"
)

func connections(t *testing.T, list []*fact.Connection) []byte {
	t.Helper()
	var b bytes.Buffer
	h := NewConnections(&b, false)
	for _, c := range list {
		if err := h.Connection(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func lookups(t *testing.T, list []*fact.Lookup) []byte {
	t.Helper()
	var b bytes.Buffer
	h := NewLookups(&b, []string{"node1.pcap", "node2.pcap"}, false)
	for _, l := range list {
		if err := h.Lookup(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Close(sample.DNS()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	golden.Check(t, "connections.csv", connections(t, sample.Connections()))
	golden.Check(t, "lookups.csv", lookups(t, sample.Lookups()))
	var b bytes.Buffer
	if err := Services(&b, sample.Services(), false); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "services.csv", b.Bytes())
	golden.Check(t, "empty.csv", connections(t, nil))
}

// TestHostile holds that no value is a formula or moves a cursor, and that every line has the columns of the first.
func TestHostile(t *testing.T) {
	out := append(connections(t, sample.Poison(sample.Connections())), '\n')
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	more, err := csv.NewReader(bytes.NewReader(lookups(t, sample.Poison(sample.Lookups())))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range append(rows, more...) {
		for _, s := range row {
			if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) || s != "" && strings.ContainsAny(s[:1], "=+-@") {
				t.Errorf("%q", s)
			}
		}
	}
	for _, s := range []string{"=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", "－1"} {
		if got := tame(s); got != "'"+s {
			t.Errorf("tame(%q) = %q", s, got)
		}
	}
}
