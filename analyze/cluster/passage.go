package cluster

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// passage is how the packets of one direction of a connection crossed an interface.
type passage struct {
	place place
	// counts are those of the interface.
	counts *passed
	dir    decode.Direction
	ttl    uint8
	// depth is the number of encapsulations, src and dst are the innermost addresses in the direction of the packets.
	depth    int
	src, dst netip.Addr
	// masqueraded says that the packets leave the pods' networks here, under an address of the node.
	masqueraded bool

	// machine, group and flow identify the way that it is part of. first is the time of its first packet, after the delay of its packets
	// since their first sighting.
	machine, group uint16
	flow           fact.Direction
	first, after   int64
}

// pass enters the ways that the packets of n connections took through nodes, as those of c did. The roles of interfaces follow from them. The views of a connection
// suffice: its packets would only repeat them.
func (k *Cluster) pass(c *fact.Connection, n uint32) {
	list, masqueraded := k.along[:0], k.masqueraded(c)
	for i := range c.Legs {
		l := &c.Legs[i]
		for at := range l.Views {
			v := &l.Views[at]
			if v.Mixed {
				continue
			}
			p := passage{
				place: placeOf(v), dir: v.Dir, ttl: v.TTL, depth: len(l.Encap), src: l.Src.Addr(), dst: l.Dst.Addr(),
				machine: k.machineOf(int(v.Capture)), flow: v.Flow, first: v.First, after: v.After,
			}
			if p.after < 0 {
				p.after = v.First - c.Start
			}
			// A capture of all interfaces is complete in itself, and another one of the same machine may show the same
			// packets again. Captures of single interfaces are complete together only.
			if v.Hardware != 0 {
				p.group = v.Capture + 1
			}
			p.masqueraded = masqueraded && v.Flow == fact.ToServer && l.Src == c.SNAT
			if v.Flow == fact.ToClient {
				p.src, p.dst = p.dst, p.src
			}
			list = append(list, p)
		}
	}
	sameWay := func(a, b *passage) bool { return a.machine == b.machine && a.group == b.group && a.flow == b.flow }
	sort(list, func(a, b *passage) bool {
		switch {
		case a.machine != b.machine:
			return a.machine < b.machine
		case a.group != b.group:
			return a.group < b.group
		case a.flow != b.flow:
			return a.flow < b.flow
		}
		return a.first < b.first
	})
	ways := k.ways[:0]
	for from, to := 0, 0; from < len(list); from = to {
		for to = from; to < len(list) && sameWay(&list[from], &list[to]); to++ {
		}
		inOrder(list[from:to])
		ways = append(ways, list[from:to])
	}
	k.enter(ways, n)
	k.along, k.ways = list, ways
}

// sort sorts passages and leaves those alone that are alike. There are a handful, or as many as a connection has views.
func sort(list []passage, before func(a, b *passage) bool) {
	for i := 1; i < len(list); i++ {
		k := i
		for k > 0 && before(&list[i], &list[k-1]) {
			k--
		}
		if k < i {
			x := list[i]
			copy(list[k+1:i+1], list[k:i])
			list[k] = x
		}
	}
}

// together is how far apart, in nanoseconds, views of a node show the same packet for the first time at most. Where they are
// further apart, one of them did not show the first packet.
const together = 2e6

// inOrder puts the passages of one way, which are sorted by when they showed their first packet, in the order of the path.
func inOrder(way []passage) {
	same := way[len(way)-1].first-way[0].first < together
	sort(way, func(a, b *passage) bool {
		switch {
		case a.ttl != b.ttl:
			return a.ttl > b.ttl
		case same && a.first != b.first:
			return a.first < b.first
		case !same && a.after != b.after:
			return a.after < b.after
		}
		return a.dir < b.dir // at the same time: a packet comes in before it goes out
	})
	// Where the capture says no direction, packets come in until the node takes one off the TTL, and the last they do is to go out.
	highest := way[0].ttl
	for i := range way {
		if p := &way[i]; p.dir == decode.DirUnknown && len(way) > 1 {
			if p.dir = decode.DirIn; p.ttl < highest || i == len(way)-1 {
				p.dir = decode.DirOut
			}
		}
	}
}
