package lookup

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

const (
	// maxNames and maxCosts bound the names and clients that costs are kept for; the cheapest half goes when full.
	maxNames = 4096
	maxCosts = 4096
	// shownNames and shownClients bound what Totals returns.
	shownNames   = 10
	shownClients = 100
)

// totals counts the costs of lookups.
type totals struct {
	all       fact.DNSCost
	clients   map[netip.Addr]*clientCost
	names     map[string]*nameCost
	forwarded uint64
	upkeep    uint64
	unread    uint64
	stray     uint64
	evicted   uint64
	dropped   bool
}

// clientCost and nameCost are costs with the number of the lookup that they were first counted for.
type clientCost struct {
	fact.DNSCost
	born uint64
}

type nameCost struct {
	fact.DNSNameCost
	born uint64
}

func (s *totals) init() {
	s.clients = make(map[netip.Addr]*clientCost)
	s.names = make(map[string]*nameCost)
}

// add counts a lookup that ended.
func (s *totals) add(f *fact.Lookup, l *lookup) {
	saved := savings(f, l)
	count(&s.all, f, saved)
	c := s.clients[f.Client]
	if c == nil {
		if len(s.clients) >= maxCosts {
			s.dropped = true
			halve(s.clients, func(c *clientCost) uint64 { return c.Queries + c.Retries }, func(c *clientCost) uint64 { return c.born })
		}
		c = &clientCost{born: s.all.Lookups}
		s.clients[f.Client] = c
	}
	count(&c.DNSCost, f, saved)
	n := s.names[f.Name]
	if n == nil {
		if len(s.names) >= maxNames {
			s.dropped = true
			halve(s.names, func(n *nameCost) uint64 { return n.Queries + n.Retries }, func(n *nameCost) uint64 { return n.born })
		}
		n = &nameCost{fact.DNSNameCost{Name: f.Name}, s.all.Lookups}
		s.names[f.Name] = n
	}
	count(&n.DNSCost, f, saved)
	if f.Outcome == fact.LookupAnswered {
		n.Full = answeredAs(f)
	}
}

// saving is how much other ways of asking would have saved one lookup.
type saving struct {
	full  fact.DNSSaving
	ndots [fact.MaxNdots + 1]fact.DNSSaving
}

// savings computes a saving from the search. Only a search with an answer can be shortened for sure: the name that answered
// can be asked for at once. With a lower ndots the name itself is asked first, which saves the search where it answers
// and costs its questions once more where the search list was needed.
func savings(f *fact.Lookup, l *lookup) (s saving) {
	if f.Outcome != fact.LookupAnswered || f.Wasted == 0 || len(f.Candidates) < 2 {
		return s
	}
	s.full = fact.DNSSaving{Queries: int64(f.Wasted), Time: f.WastedTime}
	if l.base == "" || l.cands[0].name == l.base {
		return s
	}
	dots := labels(l.base) - 1
	for n := 1; n <= fact.MaxNdots; n++ {
		switch {
		case dots < n:
		case answeredAs(f) == f.Name:
			s.ndots[n] = s.full
		default:
			extra := int64(len(f.Candidates[0].Types))
			s.ndots[n] = fact.DNSSaving{Queries: -extra, Time: -f.WastedTime / int64(len(f.Candidates)-1)}
		}
	}
	return s
}

// answeredAs returns the candidate that answered, "" for none.
func answeredAs(f *fact.Lookup) string {
	for i := len(f.Candidates) - 1; i >= 0; i-- {
		if c := &f.Candidates[i]; c.Rcode == "NOERROR" && !c.NoData {
			return c.QName
		}
	}
	return ""
}

func count(c *fact.DNSCost, f *fact.Lookup, s saving) {
	c.Lookups++
	c.Queries += uint64(f.Queries)
	c.Messages += uint64(f.Messages)
	c.Wasted += uint64(f.Wasted)
	c.Retries += uint64(f.Retries)
	c.Unanswered += uint64(f.Unanswered)
	c.Needed += uint64(len(f.Candidates[len(f.Candidates)-1].Types))
	c.Time += f.Duration
	c.WastedTime += f.WastedTime
	c.FullName.Queries += s.full.Queries
	c.FullName.Time += s.full.Time
	for n := range s.ndots {
		c.Ndots[n].Queries += s.ndots[n].Queries
		c.Ndots[n].Time += s.ndots[n].Time
	}
}

// halve drops the cheaper half of the entries, of equals the older. It must not depend on the order of the map: the
// same capture has the same costs.
func halve[K comparable, V any](m map[K]*V, cost func(*V) uint64, age func(*V) uint64) {
	type kept struct {
		key       K
		cost, age uint64
	}
	all := make([]kept, 0, len(m))
	for k, v := range m {
		all = append(all, kept{k, cost(v), age(v)})
	}
	slices.SortFunc(all, func(a, b kept) int { return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.age, b.age)) })
	for _, k := range all[:len(all)/2] {
		delete(m, k.key)
	}
}

// Costs returns the costs of the lookups that have ended. It may be called at any time.
func (t *Tracker) Costs() fact.DNSCosts {
	s := &t.totals
	out := fact.DNSCosts{
		DNSCost: s.all, Forwarded: s.forwarded, Upkeep: s.upkeep, Unreadable: s.unread, Stray: s.stray, Evicted: s.evicted,
		Partial: s.dropped,
	}
	for a, c := range s.clients {
		out.Clients = append(out.Clients, fact.DNSClientCost{Client: a, DNSCost: c.DNSCost})
	}
	slices.SortFunc(out.Clients, func(a, b fact.DNSClientCost) int {
		return cmp.Or(cmp.Compare(b.Wasted, a.Wasted), cmp.Compare(b.Queries, a.Queries), a.Client.Compare(b.Client))
	})
	out.Clients = out.Clients[:min(len(out.Clients), shownClients)]
	for _, n := range s.names {
		out.Names = append(out.Names, n.DNSNameCost)
	}
	slices.SortFunc(out.Names, func(a, b fact.DNSNameCost) int {
		return cmp.Or(cmp.Compare(b.Wasted+b.Retries, a.Wasted+a.Retries), cmp.Compare(b.Queries, a.Queries), cmp.Compare(a.Name, b.Name))
	})
	out.Names = out.Names[:min(len(out.Names), shownNames)]
	return out
}
