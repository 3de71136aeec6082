package score

import (
	"io"
	"testing"
	"time"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/rules"
)

// slow is a capture that arrives in pieces, each of which is followed by a question for the facts so far.
type slow struct {
	io.ReadCloser
	pulse chan<- time.Time
}

func (s slow) Read(b []byte) (int, error) {
	select {
	case s.pulse <- time.Time{}:
	default:
	}
	return s.ReadCloser.Read(b[:min(len(b), 2000)])
}

// TestLive: asking for facts again and again does not change the result at the end. If that is healthy, no fault
// is reported on the way.
func TestLive(t *testing.T) {
	asked := 0
	for _, c := range cases.Some(testing.Short()) {
		if c.Name == "form-twice" { // when a stream begins, it is not known to be a copy of another one
			continue
		}
		files := c.Play().Files()
		want := digest(t, files, 1)
		end, err := Ask(t.Context(), files, How{Jobs: 1})
		if err != nil {
			t.Fatal(err)
		}
		healthy := wavering[c.Name] == ""
		for i := range end.Findings {
			healthy = healthy && (end.Findings[i].Severity < rules.Warning || end.Findings[i].Layer == rules.LayerCapture)
		}
		pulse := make(chan time.Time, 1)
		live := &analyze.Live{Pulse: pulse, Now: func() time.Time { return time.Time{} }, Moment: func(m *analyze.Moment) {
			f := m.Facts()
			asked++
			found, _ := rules.Judge(f)
			for i := range found {
				if x := &found[i]; healthy && x.Severity >= rules.Warning && x.Layer != rules.LayerCapture {
					t.Errorf("%s: after %d frames: %s %s: %s", c.Name, f.Totals.Frames, x.Severity, x.ID, x.Title)
				}
			}
		}}
		got, err := digestLive(t, files, live, pulse)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: %s", c.Name, difference(want, got))
		}
	}
	if asked < 100 && !testing.Short() {
		t.Errorf("asked for facts %d times in all: the test is too small", asked)
	}
}

func digestLive(t *testing.T, files []cases.File, live *analyze.Live, pulse chan<- time.Time) (string, error) {
	t.Helper()
	inputs := Inputs(files)
	for i := range inputs {
		open := inputs[i].Open
		inputs[i].Open = func() (io.ReadCloser, error) {
			r, err := open()
			return slow{r, pulse}, err
		}
	}
	a := new(Answer)
	var err error
	a.Facts, err = analyze.Run(t.Context(), inputs, analyze.Config{
		Live: live, Named: a.named,
		Connection: func(c *fact.Connection) { a.Connections = append(a.Connections, *c) },
		Lookup:     func(l *fact.Lookup) { a.Lookups = append(a.Lookups, *l) },
	})
	if err != nil {
		return "", err
	}
	a.Findings, a.Verdict = rules.Judge(a.Facts)
	return a.digest(), nil
}
