package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// Account is the balance of a capture: every connection that failed, and everything that succeeded only after a resend, is covered by a
// finding or counted as unexplained.
type Account struct {
	// Failed and Late are those of fact.Totals. Unexplained counts those among both that no finding covers; findings at info and
	// suppressed ones cover, too.
	Failed, Late, Unexplained uint64
	// Open lists the unexplained, folded by place and outcome, worst first; a verdict has at most MaxAffected.
	Open []Unexplained
}

// Unexplained is connections, or lookups, of one place that failed alike or were late, and that no finding covers.
type Unexplained struct {
	Place
	// Outcome is that of the connections. Late says that they, or the lookups, succeeded after a resend.
	Outcome fact.Outcome
	Late    bool
	// ByClient says that the client itself reset them before its exchange was over: it gave up, or was cancelled.
	ByClient bool
	Count    uint64
	// Example is the first of the connections, nil for lookups. Where is set by the caller of the rules, from its walk.
	Example *fact.Connection
	Where   *fact.Where
	// Hint says what would tell more where Where is nil; "" for nothing. Set by the caller of the rules.
	Hint string
	// Evidence has at most maxEvidence entries, Connections (ids) at most MaxConnections.
	Evidence    []Evidence
	Connections []string
	// Objects are those of the place, set by the caller of the rules; nil without a snapshot.
	Objects *fact.Objects
}

// dnsPort is the port of DNS (RFC 1035, section 4.2).
const dnsPort = 53

// dnsPair is a client and a DNS server as it addressed it.
type dnsPair struct {
	client netip.Addr
	server netip.AddrPort
}

// account balances what failed against what findings cover.
func (s *scene) account(found []Finding) Account {
	a := Account{Failed: s.Totals.Failed, Late: s.Totals.Late}
	if s.Part != nil {
		a.Failed, a.Late = s.Part.Failed, s.Part.Late
	}
	covered, resolved := map[any]bool{}, map[dnsPair]bool{}
	for i := range found {
		for _, x := range found[i].covers {
			covered[x] = true
			if l, ok := x.(*fact.Lookup); ok {
				queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
					resolved[dnsPair{l.Client, q.Server}] = true
					return true
				})
			}
		}
	}
	explained := uint64(0)
	var open openList
	for i := range s.Reach {
		switch x := &s.Reach[i]; {
		case !x.Failed() && !x.Late(), s.asked(x) == 0:
		case covered[x], resolved[dnsPair{x.Client, x.Called}], index(s, newHeardOut).has(x):
			explained += s.asked(x)
		default:
			open.reach(x, s.asked(x), s.examplesOf(x))
		}
	}
	for i := range s.Lookups {
		switch l := &s.Lookups[i]; {
		case !l.Late(), s.Part != nil && !l.Chosen: // as Part.Late counts them
		case covered[l]:
			explained++
		default:
			open.lookup(l)
		}
	}
	a.Unexplained = a.Failed + a.Late - min(explained, a.Failed+a.Late)
	a.Open = open.sorted()
	return a
}

// heardOut is what tells a socket that was answered from one that was not, where a capture shows a Service's address one way and its backend's the
// other way, as that of a bridge alone does: such a socket looks like two.
type heardOut struct {
	// answered has the clients and servers all of whose questions were answered at once, replied the sockets of which only answers are seen.
	answered map[dnsPair]bool
	replied  map[netip.AddrPort]bool
}

func newHeardOut(s *scene) *heardOut {
	h := &heardOut{map[dnsPair]bool{}, map[netip.AddrPort]bool{}}
	for i := range s.Plain {
		h.answered[dnsPair{s.Plain[i].Client, s.Plain[i].Server}] = true
	}
	for i := range s.Lookups {
		l := &s.Lookups[i]
		at := dnsPair{l.Client, l.Server}
		all, known := h.answered[at]
		h.answered[at] = (all || !known) && l.Unanswered == 0 && l.Retries == 0 && l.Outcome != fact.LookupTimeout
	}
	for i := range s.Reach {
		if x := &s.Reach[i]; x.Proto == fact.UDP && x.Outcome == fact.OneWay {
			for k := range x.Examples {
				if c := &x.Examples[k]; c.Flow[fact.ToServer].Packets == 0 {
					h.replied[c.Client] = true
				}
			}
		}
	}
	return h
}

// has reports whether the sockets of x, which seem to have no answer, were answered.
func (h *heardOut) has(x *fact.Reach) bool {
	return x.Proto == fact.UDP && h.answered[dnsPair{x.Client, x.Called}] &&
		!slices.ContainsFunc(x.Examples, func(c fact.Connection) bool { return !h.replied[c.Client] })
}

// openList folds the unexplained by place and outcome.
type openList struct {
	list []*Unexplained
	at   map[openKey]*Unexplained
}

type openKey struct {
	Place
	outcome        fact.Outcome
	late, byClient bool
}

func (o *openList) add(k openKey) *Unexplained {
	u := o.at[k]
	if u == nil {
		if o.at == nil {
			o.at = map[openKey]*Unexplained{}
		}
		u = &Unexplained{Place: k.Place, Outcome: k.outcome, Late: k.late, ByClient: k.byClient}
		o.at[k] = u
		o.list = append(o.list, u)
	}
	return u
}

// reach adds n connections of a way, with examples of them.
func (o *openList) reach(x *fact.Reach, n uint64, examples []fact.Connection) {
	c := &examples[0]
	u := o.add(openKey{placeOf(c), x.Outcome, x.Late(), x.Outcome == fact.ResetOutcome && c.Reset != nil && c.Reset.From == fact.ToServer})
	u.Count += n
	if u.Example == nil {
		u.Example = c
	}
	for i := range examples {
		if len(u.Connections) < maxConnections {
			u.Connections = append(u.Connections, examples[i].ID)
		}
	}
	if len(u.Evidence) < maxEvidence {
		u.Evidence = append(u.Evidence, EvidenceOf(c)...)
		u.Evidence = u.Evidence[:min(len(u.Evidence), maxEvidence)]
	}
}

func (o *openList) lookup(l *fact.Lookup) {
	u := o.add(openKey{Place: Place{Client: l.Client, Server: l.Server}, outcome: fact.OK, late: true})
	u.Count++
	queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
		if q.Retries > 0 && len(u.Evidence) < maxEvidence {
			u.Evidence = append(u.Evidence, Evidence{q.QueryRef, "query"}, Evidence{q.ResendRef, "the same query, sent again"})
		}
		return true
	})
}

// sorted returns the worst first: silence, refusals and resets, what the client cut off itself, and what was late.
func (o *openList) sorted() []Unexplained {
	rank := func(u *Unexplained) int {
		switch {
		case u.Late:
			return 4
		case u.ByClient:
			return 3
		case u.Outcome == fact.Hang:
			return 0
		case u.Outcome == fact.Unreachable, u.Outcome == fact.Refused:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(o.list, func(a, b *Unexplained) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Count, a.Count))
	})
	var list []Unexplained
	for _, u := range o.list {
		list = append(list, *u)
	}
	return list
}

// Text says what became of them: "got no answer".
func (u *Unexplained) Text() string {
	switch {
	case u.Late && u.Server.IsValid():
		return "answered only after a resend"
	case u.Late:
		return "opened only after a resend"
	case u.ByClient:
		return "cut off by the client itself"
	}
	return map[fact.Outcome]string{
		fact.Hang: "got no answer", fact.Refused: "refused", fact.Unreachable: "unreachable", fact.ResetOutcome: "reset",
	}[u.Outcome]
}

// sentence is the account in a line: "No cause found: 2 of 6 connections did not end well (2 got no answer)."
func (a *Account) sentence(connections, lookups uint64) string {
	var failed, late, ofLookups bool
	counts := map[string]uint64{}
	var kinds []string
	for i := range a.Open {
		u := &a.Open[i]
		failed, late = failed || !u.Late, late || u.Late
		ofLookups = ofLookups || u.Late && u.Server.IsValid()
		if counts[u.Text()] == 0 {
			kinds = append(kinds, u.Text())
		}
		counts[u.Text()] += u.Count
	}
	for i, k := range kinds {
		kinds[i] = fmt.Sprintf("%d %s", counts[k], k)
	}
	detail := ""
	if len(kinds) > 0 {
		detail = " (" + strings.Join(kinds, ", ") + ")"
	}
	of, what := connections, "connections"
	if ofLookups {
		of, what = connections+lookups, "connections and lookups"
	}
	share := ""
	if of >= 1000 && a.Unexplained*100 < of {
		share = fmt.Sprintf(", %.2g %%", 100*float64(a.Unexplained)/float64(of))
	}
	verb := "did not end well"
	switch {
	case failed && late:
		verb += ", or only after a resend"
	case late:
		verb = "went well only after a resend"
	}
	return fmt.Sprintf("No cause found: %d of %d %s%s %s%s.", a.Unexplained, of, what, share, verb, detail)
}

// doubt makes unknown each layer that could be at fault for what is unexplained.
func (a *Account) doubt(v *Verdict) {
	unknown := func(s *State) {
		if *s == OK {
			*s = Unknown
		}
	}
	for i := range a.Open {
		u := &a.Open[i]
		if u.Server.IsValid() || u.Service.Port() == dnsPort || u.Backend.Port() == dnsPort {
			unknown(&v.DNS)
		}
		if u.Service.IsValid() {
			unknown(&v.Service)
		}
		unknown(&v.CNI)
	}
	if a.Unexplained > 0 && len(a.Open) == 0 {
		unknown(&v.Service)
		unknown(&v.CNI)
	}
}
