package trace

import "github.com/netsift/netsift/analyze/fact"

// Where returns a function that says where a connection's packets vanish, as its views show it; nil where they cannot tell. facts are those of the
// connection's captures.
func Where(facts *fact.Facts) func(c *fact.Connection) *fact.Where {
	g := newGround(facts)
	return func(c *fact.Connection) *fact.Where { return vanishes(&builder{conn: c, facts: facts, ground: g}) }
}

func vanishes(b *builder) *fact.Where {
	c := b.conn
	walk := &fact.Walk{Connection: c}
	for flow := range walk.Ways {
		w := &walk.Ways[flow]
		w.Packets, w.Hops = int(c.Flow[flow].Packets), b.seen(fact.Direction(flow))
	}
	flow := fact.ToServer
	if c.Flow[fact.ToClient].Packets > 0 && (c.Phase == fact.PhaseHandshake || stalls(c, fact.ToClient)) {
		flow = fact.ToClient
	}
	b.end(walk, flow)
	w := &walk.Ways[flow]
	if w.End != fact.EndVanish && w.End != fact.EndLoop || w.Next == nil || walk.Ways[1-flow].End == fact.EndRefused {
		return nil
	}
	last := &w.Hops[len(w.Hops)-1]
	at := &fact.Where{
		After:  fact.Viewpoint{Node: last.Node, Interface: last.Interface, Name: last.Name, Role: last.Role, Dir: last.Dir},
		Before: fact.Viewpoint{Node: last.Node, Interface: w.Next.Index, Name: w.Next.Name, Role: w.Next.Role, Dir: w.NextDir},
		Flow:   flow, Packets: c.Flow[flow].Packets, Of: c.Flow[flow].Packets,
	}
	return at
}

// stalls reports whether data of one direction was sent again and again, and not acknowledged.
func stalls(c *fact.Connection, flow fact.Direction) bool {
	s := c.Flow[flow].Stall
	return s != nil && !s.Acked && !s.Probe
}
