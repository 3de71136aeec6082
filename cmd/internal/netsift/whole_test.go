package netsift

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/netip"
	"testing"
	"testing/fstest"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/corpus/cases"
)

// TestWhole analyzes captures as a user does: the report keeps its schema, is the same for any number of workers, and adds up; redacted, it has
// none of the input's addresses. As a fuzz target it is too slow to get anywhere.
func TestWhole(t *testing.T) {
	all := schemas(t)
	seeds := [][]byte{demoNode2, pcap(linkRaw, echo(1), echo(2))}
	for n, c := range cases.All() {
		if n%16 == 0 {
			seeds = append(seeds, c.Play().Files()[0].Data)
		}
	}
	for _, data := range seeds {
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
			continue
		}
		if n := validate(t, all["report"], "report", []byte(one)); n != 1 {
			t.Fatalf("%d reports", n)
		}
		addsUp(t, one)
		hidden, _ := call("--redact")
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
