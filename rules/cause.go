package rules

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

const (
	maxAffected    = 100
	maxConnections = 100
	maxEvidence    = 20
)

// cause collects what one finding is about: the ways of reaching that have the same reason to fail.
type cause struct {
	key  string
	hits []hit
}

// hit is one way of reaching, the example that shows it best, and the place it counts for.
type hit struct {
	reach *fact.Reach
	conn  *fact.Connection
	place Place
}

// causes groups hits by key, in the order in which the keys first came.
type causes struct {
	list  []*cause
	byKey map[string]*cause
}

func (cs *causes) add(key string, h hit) {
	if cs.byKey == nil {
		cs.byKey = map[string]*cause{}
	}
	c := cs.byKey[key]
	if c == nil {
		c = &cause{key: key}
		cs.byKey[key] = c
		cs.list = append(cs.list, c)
	}
	c.hits = append(c.hits, h)
}

// finding makes a finding of a cause: its places, times, evidence and connections. Words are left to the rule.
func (c *cause) finding(r *Rule) Finding {
	f := Finding{
		Rule: r.ID, Layer: r.Layer, Severity: r.Severity, Certainty: Shown, Title: r.Title,
		Explains: r.Explains, ToldFrom: r.ToldFrom, NextSteps: r.NextSteps, key: c.key,
		Example: c.hits[0].conn,
	}
	var all []Affected
	byPlace := map[Place]int{}
	for _, h := range c.hits {
		i, ok := byPlace[h.place]
		if !ok {
			i = len(all)
			byPlace[h.place] = i
			all = append(all, Affected{Place: h.place})
		}
		all[i].Count += h.reach.Count
		f.Count += h.reach.Count
		if f.First == 0 || h.reach.First < f.First {
			f.First = h.reach.First
		}
		f.Last = max(f.Last, h.reach.Last)
		f.covers = append(f.covers, h.reach)
		for i := range h.reach.Examples {
			if len(f.Connections) < maxConnections {
				f.Connections = append(f.Connections, h.reach.Examples[i].ID)
			}
		}
		if len(f.Evidence) < maxEvidence {
			f.Evidence = append(f.Evidence, EvidenceOf(h.conn)...)
		}
	}
	f.affect(all)
	if len(f.Evidence) > maxEvidence {
		f.Evidence = f.Evidence[:maxEvidence]
	}
	return f
}

// affect sets the places that a finding is about: of all, those that were hit most, and of these the first where they were hit as often.
func (f *Finding) affect(all []Affected) {
	order := make([]int, len(all)) // a place is large, and few of many are kept
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(all[b].Count, all[a].Count), cmp.Compare(a, b)) })
	order = order[:min(len(order), maxAffected)]
	f.Affected, f.AffectedTotal = make([]Affected, len(order)), len(all)
	for i, at := range order {
		f.Affected[i] = all[at]
	}
	f.Place = f.Affected[0].Place
}

// placeOf returns where a connection belongs: client, Service and backend. An echo has no port: its identifier stands there.
func placeOf(c *fact.Connection) Place {
	return Place{Client: c.Client.Addr(), Service: numbered(c.Proto, c.Service), Backend: numbered(c.Proto, c.Backend)}
}

// numbered returns an address with its port, as far as it is one: what stands there in ICMP is the echo's identifier.
func numbered(p fact.Proto, a netip.AddrPort) netip.AddrPort {
	if p == fact.ICMP {
		return netip.AddrPortFrom(a.Addr(), 0)
	}
	return a
}
