package json

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/golden"
	"github.com/netsift/netsift/cmd/internal/report/sample"
)

func connections(w io.Writer, list []*fact.Connection) error {
	h := NewConnections(w)
	for _, c := range list {
		if err := h.Connection(c); err != nil {
			return err
		}
	}
	return h.Close()
}

func lookups(w io.Writer, list []*fact.Lookup) error {
	h := NewLookups(w, []string{"caps/node1.pcap.zst", sample.Hostile})
	for _, l := range list {
		if err := h.Lookup(l); err != nil {
			return err
		}
	}
	return h.Close(sample.DNS())
}

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"report.json", func(w io.Writer) error { return Report(w, sample.Report()) }},
		{"empty.json", func(w io.Writer) error { return Report(w, &report.Report{Version: "0.1.0", Facts: &fact.Facts{}}) }},
		{"connections.jsonl", func(w io.Writer) error { return connections(w, sample.Connections()) }},
		{"lookups.jsonl", func(w io.Writer) error { return lookups(w, sample.Lookups()) }},
		{"services.jsonl", func(w io.Writer) error { return Services(w, sample.Services()) }},
		{"stats.json", func(w io.Writer) error { return Stats(w, sample.Tallies()) }},
		{"rules.json", func(w io.Writer) error { return Rules(w, sample.Catalogue()) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := c.write(&b); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, c.name, b.Bytes())
		})
	}
}

// TestHostile holds that JSON can be looked at in a terminal, and that no name is changed by that.
func TestHostile(t *testing.T) {
	var b bytes.Buffer
	p := sample.Poison(*sample.Report())
	for _, err := range []error{
		Report(&b, &p), connections(&b, sample.Poison(sample.Connections())), lookups(&b, sample.Poison(sample.Lookups())),
		Stats(&b, sample.Poison(sample.Tallies())), Rules(&b, sample.Poison(sample.Catalogue())),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(b.String()) {
		if k := strings.IndexFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return !unicode.IsPrint(r) }); k >= 0 {
			t.Errorf("%q", line)
		}
	}
	var doc Document
	if err := json.NewDecoder(&b).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	// A byte that is no UTF-8 can't be said in JSON.
	if want := strings.ToValidUTF8(sample.Hostile, "\ufffd"); doc.Findings[0].Title != want {
		t.Errorf("got %q, want %q", doc.Findings[0].Title, want)
	}
}

// TestFields holds the names that scripts rely on against the contract's examples.
func TestFields(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(io.Writer) error
		want  string
	}{
		{"report", func(w io.Writer) error { return Report(w, sample.Report()) }, "schema netsift captures verdict findings summary"},
		{
			"connection", func(w io.Writer) error { return connections(w, sample.Connections()[:1]) },
			"id proto client called service service_known_by backend snat outcome phase midstream start end packets frames payload_bytes " +
				"retransmissions handshake_ms legs",
		},
		{
			"lookup", func(w io.Writer) error { return lookups(w, sample.Lookups()[:1]) },
			"client server backend name resolver ndots_min ndots_max search candidates queries wasted wasted_ms retries ms outcome answer frame",
		},
		{"stats", func(w io.Writer) error { return Stats(w, sample.Tallies()) }, "schema captures"},
	} {
		var b bytes.Buffer
		if err := c.write(&b); err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		for field := range strings.FieldsSeq(c.want) {
			if _, ok := got[field]; !ok {
				t.Errorf("%s has no field %s", c.name, field)
			}
		}
	}
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		got  number
		want string
	}{
		{millis(19_400_000), "19.4"},
		{millis(1_234_567), "1.235"},
		{millis(0), "0"},
		{millis(5_000_000_000), "5000"},
		{micros(4_510_000), "4510"},
		{micros(1_234), "1.234"},
		{micros(37_400_000_123_000), "37400000123"},
	} {
		b, err := c.got.MarshalJSON()
		if err != nil || string(b) != c.want {
			t.Errorf("%s, %v, want %s", b, err, c.want)
		}
	}
}

func TestWriteIndented(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `{"a":[]}`, `[{},[],""]`, `{"a":1,"b":[true,null,-1.5e9],"c":{"d":"x\"y\\"}}`, `"\\\\\""`, `["{[,:]}"]`, `{"\"":"\\"}`, `12`,
	} {
		var want bytes.Buffer
		if err := json.Indent(&want, []byte(text), "", "  "); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		w := bufio.NewWriter(&got)
		writeIndented(w, []byte(text), "  ")
		w.Flush()
		if got.String() != want.String() {
			t.Errorf("%s:\n%s\nwant\n%s", text, got.String(), want.String())
		}
	}
}
