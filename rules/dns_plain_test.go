package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// wentWell reports whether a lookup may be counted, as fact.Plain says.
func wentWell(l *fact.Lookup) bool {
	ok := l.Outcome == fact.LookupAnswered && !l.Headless && l.Retries == 0 && l.Unanswered == 0 && (l.Upstream == nil || l.Upstream.Failed == 0)
	for i := range l.Candidates {
		want := "NXDOMAIN"
		if i == len(l.Candidates)-1 {
			want = "NOERROR"
		}
		for _, q := range l.Candidates[i].Queries {
			ok = ok && q.Rcode == want && q.Again == fact.FirstTime && q.Retries == 0 && q.Sent != 0 && !q.TCP && !q.Truncated && !q.Refused &&
				!q.Declined && q.Server == l.Server && q.Duration <= fact.SoonAnswered
		}
	}
	return ok
}

// countPlain counts the plain lookups of facts, instead of keeping them: all but the first few of each server with and without a search,
// as analysis does when there are many.
func countPlain(f *fact.Facts, few int) (counted int) {
	type way struct {
		client     netip.Addr
		server     netip.AddrPort
		name, full string
		expanded   bool
	}
	ways := map[way]int{}
	kept := map[string]int{}
	heard := map[string]*fact.Heard{}
	f.Lookups = slices.DeleteFunc(slices.Clone(f.Lookups), func(l fact.Lookup) bool {
		if kind := fmt.Sprint(l.Server, expanded(&l)); !wentWell(&l) {
			return false
		} else if kept[kind]++; kept[kind] <= few {
			return false
		}
		counted++
		k := way{l.Client, l.Server, l.Name, fullName(&l), expanded(&l)}
		i, ok := ways[k]
		if !ok {
			i = len(f.Plain)
			ways[k] = i
			f.Plain = append(f.Plain, fact.Plain{Client: k.client, Server: k.server, Name: k.name, Full: k.full, Expanded: k.expanded, First: l.Start})
		}
		p := &f.Plain[i]
		p.Count++
		p.Queries, p.Wasted, p.WastedTime = p.Queries+uint64(l.Queries), p.Wasted+uint64(l.Wasted), p.WastedTime+l.WastedTime
		p.Last = max(p.Last, l.Start+l.Duration)
		queries(&l, func(_ *fact.Candidate, q *fact.Query) bool {
			at := q.Sent + q.Duration
			k := slices.IndexFunc(p.Backends, func(b fact.PlainBackend) bool { return b.Backend == q.Backend })
			if k < 0 {
				k = len(p.Backends)
				p.Backends = append(p.Backends, fact.PlainBackend{Backend: q.Backend})
			}
			p.Backends[k].Answers++
			p.Backends[k].Last = max(p.Backends[k].Last, at)
			key := fmt.Sprint(l.Server, q.AnswerRef.Capture)
			if heard[key] == nil {
				heard[key] = &fact.Heard{Server: l.Server, Capture: q.AnswerRef.Capture, Gap: sec}
			}
			heard[key].Spans = append(heard[key].Spans, [2]int64{at, at})
			return true
		})
		return true
	})
	for _, h := range heard {
		slices.SortFunc(h.Spans, func(a, b [2]int64) int { return int(a[0] - b[0]) })
		f.Heard = append(f.Heard, *h)
	}
	return counted
}

// TestPlainCounts: no finding changes where lookups that went well are counted instead of kept.
func TestPlainCounts(t *testing.T) {
	counted := 0
	for _, group := range [][]situation{expansions, silences, lostOnce, errorsAnswered, absences, delays, others} {
		for _, x := range group {
			for few := range 2 {
				t.Run(fmt.Sprintf("%s, %d kept", x.name, few+1), func(t *testing.T) {
					summary := func(list []Finding, v Verdict) (out []string) {
						for _, f := range list {
							out = append(out, fmt.Sprintf("%s %s %s: %s; %d at %d places, %v, recovered %d", f.Rule, f.Severity, f.Certainty, f.Title,
								f.Count, f.AffectedTotal, f.Place, f.Recovered))
						}
						return append(out, fmt.Sprint(v.DNS, v.Service, v.CNI, v.Account.Unexplained))
					}
					f := x.facts()
					want := summary(Judge(f))
					f = x.facts()
					counted += countPlain(f, few+1)
					if got := summary(Judge(f)); !slices.Equal(got, want) {
						t.Errorf("got\n%q, want\n%q", got, want)
					}
				})
			}
		}
	}
	if counted < 20 {
		t.Errorf("%d lookups were counted", counted)
	}
}
