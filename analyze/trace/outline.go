package trace

import (
	"cmp"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// Outline makes a walk from a connection's facts: its legs and views. One pass is enough for it, as over a stream, but
// it follows no packets: Hop.Packets counts sightings, no step has times of its own, and losses are not reported.
func Outline(c *fact.Connection, facts *fact.Facts) *fact.Walk {
	walk := &fact.Walk{Connection: c, Outline: true}
	b := builder{conn: c, facts: facts, ground: newGround(facts)}
	for flow := range walk.Ways {
		w := &walk.Ways[flow]
		f := &c.Flow[flow]
		w.Packets, w.Again, w.Bytes = int(f.Packets), int(f.Retransmissions), f.Bytes
		w.Hops = b.seen(fact.Direction(flow))
		for h := 1; h < len(w.Hops); h++ {
			between(&w.Hops[h-1], &w.Hops[h])
			w.Hops[h].Step.Median, w.Hops[h].Step.Worst = -1, -1
		}
		switch n := len(w.Hops); {
		case n == 0:
		case delivers(&w.Hops[n-1]):
			w.End = fact.EndDelivered
		case c.Flow[1-flow].Packets > 0:
			w.End = fact.EndLeaves
		default:
			w.End = fact.EndOpen
		}
		walk.Cost.MSS[flow] = f.MSS
		for i := range c.Legs {
			for k := range c.Legs[i].Encap {
				walk.Cost.Overhead = max(walk.Cost.Overhead, c.Legs[i].Encap[k].Overhead)
			}
		}
	}
	for i := range c.Errors {
		if e := &c.Errors[i]; e.MTU > 0 && (walk.Cost.MTU == 0 || e.MTU < walk.Cost.MTU) {
			walk.Cost.MTU, walk.Cost.Of = e.MTU, e.Src
		}
	}
	return walk
}

// seen lists the views of one direction as hops, in the order of its packets' path: node by node, as the legs first name them, on the way back from
// the server's; and within a node, whose clock is one, by the first packet. Legs alone would not do: one may have been opened late, and the place
// where it ends would then pass for the one where packets vanish.
func (b *builder) seen(flow fact.Direction) []fact.Hop {
	type timed struct {
		fact.Hop
		rank  int
		first int64
	}
	var list []timed
	rank := map[string]int{}
	for i := range b.conn.Legs {
		l := &b.conn.Legs[i]
		if _, ok := rank[l.Node]; !ok {
			rank[l.Node] = len(rank)
		}
		src, dst := l.Src, l.Dst
		if flow == fact.ToClient {
			src, dst = dst, src
		}
		for k := range l.Views {
			v := &l.Views[k]
			if v.Flow != flow {
				continue
			}
			list = append(list, timed{fact.Hop{
				Node: l.Node, Capture: int(v.Capture), Interface: v.Interface, Name: v.Name, Role: v.Role, Dir: v.Dir, MTU: b.ground.mtu(v),
				Src: src, Dst: dst, Encap: l.Encap, Packets: int(v.Frames), Frames: uint64(v.Frames),
			}, rank[l.Node], v.First})
		}
	}
	slices.SortStableFunc(list, func(x, y timed) int {
		if flow == fact.ToClient {
			x.rank, y.rank = y.rank, x.rank
		}
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.first, y.first))
	})
	hops := make([]fact.Hop, len(list))
	for i := range list {
		hops[i] = list[i].Hop
	}
	return hops
}
