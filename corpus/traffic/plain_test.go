package traffic

import (
	"net/netip"
	"reflect"
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
)

// TestPlainLookups: what is counted of lookups and what is kept of them are together all that there were, and nobody who takes each of
// them changes that.
func TestPlainLookups(t *testing.T) {
	o := churn(func(o *Options) {
		o.Frames, o.Live, o.Short, o.Requests, o.Lookups, o.Pods = 200_000, 0, 1000, 0, 1000, 20
	})
	facts, truth := run(t, o, analyze.Config{})
	type way struct {
		client netip.Addr
		server netip.AddrPort
		name   string
	}
	type sums struct {
		n, queries, wasted, answers uint64
		wastedTime, last            int64
	}
	add := func(m map[way]sums, k way, x sums) {
		y := m[k]
		m[k] = sums{y.n + x.n, y.queries + x.queries, y.wasted + x.wasted, y.answers + x.answers, y.wastedTime + x.wastedTime, max(y.last, x.last)}
	}
	whole := func(m map[way]sums, l *fact.Lookup) {
		x := sums{1, uint64(l.Queries), uint64(l.Wasted), 0, l.WastedTime, l.Start + l.Duration}
		for _, c := range l.Candidates {
			for _, q := range c.Queries {
				if q.Rcode != "" {
					x.answers++
				}
			}
		}
		add(m, way{l.Client, l.Server, l.Name}, x)
	}
	got, want := map[way]sums{}, map[way]sums{}
	for i := range facts.Lookups {
		whole(got, &facts.Lookups[i])
	}
	counted := uint64(0)
	for _, p := range facts.Plain {
		x := sums{p.Count, p.Queries, p.Wasted, 0, p.WastedTime, p.Last}
		for _, b := range p.Backends {
			x.answers += b.Answers
		}
		add(got, way{p.Client, p.Server, p.Name}, x)
		counted += p.Count
		if !p.Expanded || p.Full != p.Name {
			t.Errorf("%s, a name in full, was found as %s, expanded: %v", p.Name, p.Full, p.Expanded)
		}
	}
	all, _ := run(t, o, analyze.Config{Lookup: func(l *fact.Lookup) { whole(want, l) }})
	if len(facts.Lookups) >= 2000 || counted < 1000 || counted+uint64(len(facts.Lookups)) != truth.Lookups || facts.Totals.Lookups != truth.Lookups {
		t.Errorf("%d lookups were counted and %d kept of %d", counted, len(facts.Lookups), truth.Lookups)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("what was kept and counted is not what there was: %d and %d ways", len(got), len(want))
	}
	if !reflect.DeepEqual(facts.Plain, all.Plain) || !reflect.DeepEqual(facts.Heard, all.Heard) || !reflect.DeepEqual(facts.Lookups, all.Lookups) {
		t.Error("taking each lookup changes the facts")
	}
	for _, h := range facts.Heard {
		if len(h.Spans) != 1 || h.Spans[0][1]-h.Spans[0][0] < 100e6 {
			t.Errorf("%+v", h)
		}
	}
	if len(facts.Heard) == 0 {
		t.Error("no server was heard")
	}
}
