package trace

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/wire"
)

// ethernetMTU bounds packets without a known segment size: a longer one is taken for a GSO packet, unless its interface's MTU is
// known: jumbo frames are rare in clusters, GSO packets are not.
const ethernetMTU = 1500

// sizes fills in the largest packets of a hop.
func (b *builder) sizes(hop *fact.Hop, m *matcher, h int, flow fact.Direction) {
	limit := b.limit(flow, hop)
	for i := range m.all {
		t := &m.all[i]
		if !t.hops[h].seen {
			continue
		}
		if t.last() > h {
			hop.LargestOn = max(hop.LargestOn, t.ipLen)
		}
		if t.ipLen > limit {
			if t.from == h || t.at(h) && !m.split[h] {
				hop.GSO = true
			}
			continue
		}
		hop.Largest = max(hop.Largest, t.ipLen)
	}
	// Segments of a GSO packet are sightings of their own only in the view itself.
	for i := range b.rec.list {
		x := &b.rec.list[i]
		v := &b.rec.places[x.place]
		if v.flow != flow || v.file != hop.Capture || v.iface != hop.Interface || v.direction != hop.Dir || len(v.encaps) != len(hop.Encap) {
			continue
		}
		if x.ipLen <= limit {
			hop.Largest = max(hop.Largest, x.ipLen)
			hop.LargestOuter = max(hop.LargestOuter, x.outer)
		} else {
			hop.GSO = true
		}
	}
}

// limit is the longest IP packet that one segment of this direction can be: the receiver's MSS, with headers.
func (b *builder) limit(flow fact.Direction, hop *fact.Hop) uint32 {
	header := uint32(40) // IPv4 and TCP without options, which the MSS leaves out (RFC 9293, section 3.7.1)
	if hop.Src.Addr().Is6() {
		header = 60
	}
	if mss := b.conn.Flow[1-flow].MSS; mss > 0 {
		return uint32(mss) + header
	}
	if b.conn.Proto != fact.TCP {
		return 1<<32 - 1
	}
	return max(ethernetMTU, hop.MTU)
}

// cost adds up the path's overhead.
func (b *builder) cost(walk *fact.Walk) fact.PathCost {
	var c fact.PathCost
	for flow := range walk.Ways {
		f := &b.conn.Flow[flow]
		c.MSS[flow] = f.MSS
		for i := range walk.Ways[flow].Hops {
			for _, e := range walk.Ways[flow].Hops[i].Encap {
				c.Overhead = max(c.Overhead, e.Overhead)
			}
		}
		c.Segment[flow] = b.segment(fact.Direction(flow))
	}
	for i := range b.conn.Errors {
		if e := &b.conn.Errors[i]; e.MTU > 0 && (c.MTU == 0 || e.MTU < c.MTU) {
			c.MTU, c.Of = e.MTU, e.Src
		}
	}
	return c
}

// segment returns the largest payload of a direction that was acknowledged and is one segment's.
func (b *builder) segment(flow fact.Direction) uint32 {
	if b.conn.Proto != fact.TCP {
		return 0
	}
	ack, has := uint32(0), false
	for i := range b.rec.list {
		x := &b.rec.list[i]
		if x.tcp && x.flags&wire.ACK != 0 && b.rec.places[x.place].flow != flow && !x.rst && (!has || later(x.ack, ack) == x.ack) {
			ack, has = x.ack, true
		}
	}
	most := uint32(0)
	mss := uint32(b.conn.Flow[1-flow].MSS)
	for i := range b.rec.list {
		x := &b.rec.list[i]
		if !has || !x.sequential || b.rec.places[x.place].flow != flow || later(x.end, ack) != ack {
			continue
		}
		n := x.end - x.seq
		if n > 1 && (mss > 0 && n <= mss || mss == 0 && x.ipLen <= ethernetMTU) {
			most = max(most, n)
		}
	}
	return most
}
