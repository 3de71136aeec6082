package lookup

import (
	"cmp"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/wire"
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
	all fact.DNSCost
	// clients and names are known by their hashes.
	clients   map[uint64]*clientCost
	names     map[uint64]*nameCost
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
	client wire.Addr
	born   uint64
}

type nameCost struct {
	fact.DNSNameCost
	// full is the hash of Full.
	full uint64
	born uint64
}

func (s *totals) init() {
	s.clients = make(map[uint64]*clientCost)
	s.names = make(map[uint64]*nameCost)
}

// add counts a lookup that ended.
func (s *totals) add(t *Tracker, l *lookup, x *sum, name []byte) {
	saved := t.savings(l, x, name)
	needed := x.cands[x.n-1].types
	count(&s.all, l, x, needed, &saved)
	client := t.clients.At(l.client)
	c := s.clients[client.hash]
	if c == nil {
		if len(s.clients) >= maxCosts {
			s.dropped = true
			halve(s.clients, func(c *clientCost) uint64 { return c.Queries + c.Retries }, func(c *clientCost) uint64 { return c.born })
		}
		c = &clientCost{client: client.addr, born: s.all.Lookups}
		s.clients[client.hash] = c
	}
	count(&c.DNSCost, l, x, needed, &saved)
	hash := t.names.hash(name)
	n := s.names[hash]
	if n == nil {
		if len(s.names) >= maxNames {
			s.dropped = true
			halve(s.names, func(n *nameCost) uint64 { return n.Queries + n.Retries }, func(n *nameCost) uint64 { return n.born })
		}
		n = &nameCost{DNSNameCost: fact.DNSNameCost{Name: string(appendText(nil, name))}, born: s.all.Lookups}
		s.names[hash] = n
	}
	count(&n.DNSCost, l, x, needed, &saved)
	if x.outcome == fact.LookupAnswered {
		if full := t.answeredAs(l, x); full == 0 {
			n.Full, n.full = "", 0
		} else if hash := t.names.hashOf(full); n.full != hash {
			n.Full, n.full = string(appendText(nil, t.names.text(full))), hash
		}
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
func (t *Tracker) savings(l *lookup, x *sum, name []byte) (s saving) {
	if x.outcome != fact.LookupAnswered || x.wasted == 0 || x.n < 2 {
		return s
	}
	s.full = fact.DNSSaving{Queries: int64(x.wasted), Time: x.wastedTime}
	if l.base == 0 || t.bare(l, t.cands.At(l.first)) {
		return s
	}
	dots := labels(name) - 1
	full := t.answeredAs(l, x)
	for n := 1; n <= fact.MaxNdots; n++ {
		switch {
		case dots < n:
		case full != 0 && len(t.names.text(full)) == len(name):
			s.ndots[n] = s.full
		default:
			s.ndots[n] = fact.DNSSaving{Queries: -int64(x.cands[0].types), Time: -x.wastedTime / int64(x.n-1)}
		}
	}
	return s
}

// answeredAs returns the name of the last candidate that answered, 0 for none.
func (t *Tracker) answeredAs(l *lookup, x *sum) (full name) {
	for i, c := 0, t.cand(l.first); c != nil; i, c = i+1, t.cand(c.next) {
		if x.cands[i].code == rcodeNoError && !x.cands[i].noData {
			full = c.name
		}
	}
	return full
}

func count(c *fact.DNSCost, l *lookup, x *sum, needed int, s *saving) {
	c.Lookups++
	c.Queries += uint64(x.queries)
	c.Messages += uint64(l.messages)
	c.Wasted += uint64(x.wasted)
	c.Retries += uint64(x.retries)
	c.Unanswered += uint64(x.unanswered)
	c.Needed += uint64(needed)
	c.Time += x.duration
	c.WastedTime += x.wastedTime
	if s.full == (fact.DNSSaving{}) {
		return
	}
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
	for _, c := range s.clients {
		out.Clients = append(out.Clients, fact.DNSClientCost{Client: c.client.Netip(), DNSCost: c.DNSCost})
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
