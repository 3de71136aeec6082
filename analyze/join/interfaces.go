package join

import (
	"cmp"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/role"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// passage is a view of a connection with what puts it in order.
type passage struct {
	role.Passage
	node  uint16
	group uint16 // of captures
	dir   fact.Direction
	first int64
	after int64
}

func placeOf(v *sight.View) role.Place {
	p := role.Place{Capture: v.Capture, Index: v.Interface, Hardware: v.Hardware, Mixed: v.Mixed}
	if p.Mixed {
		p.Index = 0
	}
	return p
}

// passed tells the roles of interfaces by which ways a connection's packets went. It is done once for each connection and
// not for each packet: what a connection's views show of an interface, its packets would only repeat.
func (j *Joiner) passed(c *conn) {
	if c.passed || j.peeking {
		return
	}
	c.passed = true
	list := j.passages[:0]
	for i, id := range c.legs[:c.nlegs] {
		leg := j.table.Leg(id)
		for v := leg.Views; v != 0; v = j.table.View(v).Link {
			view := j.table.View(v)
			if view.Mixed {
				continue
			}
			p := passage{node: leg.Node, dir: c.side(i, view.Forward), first: view.First, after: view.First - c.start}
			p.Passage = role.Passage{
				Place: placeOf(view), Direction: view.Direction, TTL: view.TTL, Src: leg.A, Dst: leg.B,
				Depth: len(j.stacks.Get(leg.Tunnel).Encaps),
			}
			// A capture of all interfaces is complete in itself, and another one of the same node may show the same
			// packets again. Captures of single interfaces are complete together only.
			if view.Hardware != 0 {
				p.group = view.Capture + 1
			}
			if !view.Forward {
				p.Src, p.Dst = p.Dst, p.Src
			}
			if d, ok := view.MedianDelay(); ok {
				p.after = d
			}
			list = append(list, p)
		}
	}
	sameWay := func(a, b *passage) bool { return a.node == b.node && a.group == b.group && a.dir == b.dir }
	slices.SortStableFunc(list, func(a, b passage) int {
		return cmp.Or(cmp.Compare(a.node, b.node), cmp.Compare(a.group, b.group), cmp.Compare(a.dir, b.dir), cmp.Compare(a.first, b.first))
	})
	// All ways lie in one array, which lives on with that of the passages: every connection comes here.
	all, ways := slices.Grow(j.along[:0], len(list)), j.ways[:0]
	for from, to := 0, 0; from < len(list); from = to {
		for to = from; to < len(list) && sameWay(&list[from], &list[to]); to++ {
		}
		all = inOrder(all, list[from:to])
		ways = append(ways, all[from:to])
	}
	j.interfaces.Enter(ways)
	j.passages, j.along, j.ways = list, all, ways
}

// together is how far apart, in nanoseconds, views of a node show the same packet for the first time at most. Where they are
// further apart, one of them did not show the first packet.
const together = 2e6

// inOrder appends the passages of one way, sorted by when they showed their first packet, in the order of the path.
func inOrder(list []role.Passage, way []passage) []role.Passage {
	same := way[len(way)-1].first-way[0].first < together
	slices.SortStableFunc(way, func(a, b passage) int {
		by := cmp.Compare(a.after, b.after)
		if same {
			by = cmp.Compare(a.first, b.first)
		}
		// At the same time: a packet comes in before it goes out.
		return cmp.Or(cmp.Compare(b.TTL, a.TTL), by, cmp.Compare(a.Direction, b.Direction))
	})
	for i := range way {
		list = append(list, way[i].Passage)
		// Where the capture says no direction, packets come in until the node takes one off the TTL, and the last they do
		// is to go out.
		if p := &list[len(list)-1]; p.Direction == decode.DirUnknown && len(way) > 1 {
			if p.Direction = decode.DirIn; p.TTL < way[0].TTL || i == len(way)-1 {
				p.Direction = decode.DirOut
			}
		}
	}
	return list
}

// iface returns the name and the role of an interface.
func (j *Joiner) iface(p role.Place, index uint32) (name, does string) {
	link := j.sources[p.Capture].Interface(index)
	return link.Name, link.Role(j.interfaces.Role(p, j.Roles))
}

// Interfaces returns the interfaces that packets of connections passed.
func (j *Joiner) Interfaces() []fact.Interface {
	var list []fact.Interface
	for _, p := range j.interfaces.Places() {
		name, does := j.iface(p, p.Index)
		list = append(list, fact.Interface{
			Capture: int(p.Capture), Index: p.Index, Hardware: p.Hardware, Name: name, Role: does,
			MTU: j.sources[p.Capture].Interface(p.Index).MTU,
		})
	}
	return list
}
