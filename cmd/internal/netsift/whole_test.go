package netsift

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/corpus/cases"
)

// whole analyzes a capture as a user does: the report keeps its schema, is the same for any number of workers, and adds up; redacted, it has
// none of the input's addresses; and its facts say the same.
func whole(t *testing.T, report *jsonschema.Schema, data []byte) {
	t.Helper()
	call := func(args ...string) (string, int) {
		e, stdout, stderr := redactEnv(fstest.MapFS{"x.pcap": {Data: data}})
		code := Run(context.Background(), e, append(append([]string{"analyze", "-o", "json"}, args...), "x.pcap"))
		if code != ExitOK && code != ExitNoCapture {
			t.Fatalf("%q: exit code %d, %s", args, code, stderr)
		}
		return stdout.String(), code
	}
	one, code := call("--jobs", "1")
	if two, _ := call("--jobs", "2"); one != two {
		t.Fatal("the report depends on --jobs")
	}
	if code != ExitOK {
		return
	}
	if n := validate(t, report, "report", []byte(one)); n != 1 {
		t.Fatalf("%d reports", n)
	}
	addsUp(t, one)
	e, facts, stderr := redactEnv(fstest.MapFS{"x.pcap": {Data: data}})
	if code := Run(context.Background(), e, []string{"facts", "-w", "-", "x.pcap"}); code != ExitOK {
		t.Fatalf("facts: exit code %d, %s", code, stderr)
	}
	capture := data
	data = facts.Bytes()
	if merged, _ := call("--jobs", "1"); unnamed(t, merged) != unnamed(t, one) {
		t.Errorf("of its facts another report is made: %s", difference(unnamed(t, one), unnamed(t, merged)))
	}
	data = capture
	hidden, _ := call("--redact", "--jobs", "1")
	key := redact.NewKey(secret)
	o := &originals{map[string]bool{}, map[string]bool{}}
	o.read(t, key, []analyze.Input{{Name: "x.pcap", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}})
	o.words = nil                // a label may be a word of netsift's
	for a := range o.addresses { // what another became may be one of them
		if became := key.Addr(netip.MustParseAddr(a)).String(); o.addresses[became] {
			delete(o.addresses, became)
		}
	}
	if list := o.leaks(hidden); len(list) > 0 {
		t.Errorf("redacted, the report has %q", list)
	}
}

// unnamed returns a report without what says whether it was made of facts, and of what link types the captures were of which it read nothing.
func unnamed(t *testing.T, report string) string {
	t.Helper()
	var r map[string]any
	if err := json.Unmarshal([]byte(report), &r); err != nil {
		t.Fatal(err)
	}
	for _, c := range r["captures"].([]any) {
		c := c.(map[string]any)
		delete(c, "format")
		delete(c, "facts_of")
	}
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// difference returns the first line in which two texts differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return strings.Join(x[max(0, i-3):i+1], "\n") + " against " + y[i]
		}
	}
	return "one is longer"
}

// TestWhole analyzes captures of the corpus as a whole.
func TestWhole(t *testing.T) {
	report := schemas(t)["report"]
	whole(t, report, demoNode2)
	for n, c := range cases.All() {
		if n%16 == 0 {
			whole(t, report, c.Play().Files()[0].Data)
		}
	}
}

// FuzzWhole does as TestWhole with any bytes. Its seeds are small, the beginnings of captures: what takes a millisecond without instruments for
// coverage takes ten with them. Goroutines make any input look as if it reached something new, and go test -fuzz would then spend a minute on making it
// smaller each time, and no time on others: run it with -fuzzminimizetime 10x, as make fuzz does.
func FuzzWhole(f *testing.F) {
	const largest = 1 << 13
	f.Add(pcap(linkRaw, echo(1), echo(2)))
	for n, c := range cases.All() {
		if n%40 == 0 {
			data := c.Play().Files()[0].Data
			f.Add(data[:min(len(data), largest)])
		}
	}
	var once sync.Once
	var schema *jsonschema.Schema
	f.Fuzz(func(t *testing.T, data []byte) {
		once.Do(func() { schema = schemas(t)["report"] })
		if len(data) <= largest {
			whole(t, schema, data)
		}
	})
}

// addsUp holds a report's numbers against each other.
func addsUp(t *testing.T, report string) {
	t.Helper()
	var r struct {
		Captures []struct{ Frames uint64 }
		Summary  struct {
			Frames, Connections, Failed, Late, Lookups, Unexplained uint64
			BySeverity                                              map[string]int `json:"by_severity"`
		}
		Findings []struct {
			Severity string
			Evidence []struct{ Frame uint64 }
		}
		Unexplained []struct{ Count uint64 }
	}
	if err := json.Unmarshal([]byte(report), &r); err != nil {
		t.Fatal(err)
	}
	s := &r.Summary
	if frames := r.Captures[0].Frames; s.Frames != frames {
		t.Errorf("%d frames, %d of the capture", s.Frames, frames)
	}
	if s.Failed > s.Connections || s.Unexplained > s.Failed+s.Late {
		t.Errorf("of %d connections and %d lookups %d failed, %d were late, %d unexplained", s.Connections, s.Lookups, s.Failed, s.Late, s.Unexplained)
	}
	open := uint64(0)
	for _, u := range r.Unexplained {
		open += u.Count
	}
	if open > s.Unexplained || len(r.Unexplained) < 100 && open != s.Unexplained {
		t.Errorf("%d of %d unexplained are listed", open, s.Unexplained)
	}
	by := map[string]int{}
	for _, f := range r.Findings {
		by[f.Severity]++
		for _, x := range f.Evidence {
			if x.Frame == 0 || x.Frame > r.Captures[0].Frames {
				t.Errorf("frame %d is evidence, of %d", x.Frame, r.Captures[0].Frames)
			}
		}
	}
	for severity, n := range r.Summary.BySeverity {
		if by[severity] != n {
			t.Errorf("%d findings are %s, and %d are listed", n, severity, by[severity])
		}
	}
}
