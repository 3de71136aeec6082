package trace

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// Build makes the walk of connection c, whose sightings are in r. facts are those of the same captures.
func Build(c *fact.Connection, facts *fact.Facts, r *Recorder) *fact.Walk {
	walk := &fact.Walk{Connection: c, Unkept: r.unkept, Mixed: r.mixed}
	b := builder{conn: c, facts: facts, ground: newGround(facts), rec: r}
	for flow := range walk.Ways {
		walk.Ways[flow] = b.way(fact.Direction(flow))
	}
	for flow := range walk.Ways {
		b.end(walk, fact.Direction(flow))
	}
	walk.Cost = b.cost(walk)
	return walk
}

// builder makes ways.
type builder struct {
	conn   *fact.Connection
	facts  *fact.Facts
	ground *ground
	rec    *Recorder
	// bySpot has the sightings by view.
	bySpot [][]int32
}

func (b *builder) way(flow fact.Direction) fact.Way {
	var w fact.Way
	order := b.rec.order(flow)
	if len(order) == 0 {
		return w
	}
	if b.bySpot == nil {
		b.bySpot = make([][]int32, len(b.rec.places))
		for i := range b.rec.list {
			p := b.rec.list[i].place
			b.bySpot[p] = append(b.bySpot[p], int32(i))
		}
	}
	main, copies := b.split(order, flow)
	m := newMatcher(len(main))
	for h, at := range main {
		for _, i := range b.bySpot[at] {
			m.enter(&b.rec.list[i], h, b.rec.places[at].apart != ends{})
		}
	}
	for h, at := range main {
		w.Hops = append(w.Hops, b.hop(at))
		w.Loops += b.rec.places[at].loops
		b.sizes(&w.Hops[h], m, h, flow)
	}
	for _, at := range copies {
		w.Copies = append(w.Copies, b.hop(at))
	}
	for h := 1; h < len(main); h++ {
		b.step(&w, m, h)
	}
	b.count(&w, m, flow)
	if w.Loops > 0 { // turns that other connections' legs show count too
		w.Loops = max(w.Loops, b.conn.Loops)
	}
	return w
}

// split tells the path from views that show flooded copies: where several ports show the same packets going out at the end
// of a node's path, it is the one by which answers come in.
func (b *builder) split(order []int, flow fact.Direction) (main, copies []int) {
	answers := func(at int) bool {
		v := &b.rec.places[at]
		for i := range b.rec.places {
			if x := &b.rec.places[i]; x.flow != flow && x.node == v.node && x.capture == v.capture && x.iface == v.iface &&
				x.hardware == v.hardware && x.direction == decode.DirIn {
				return true
			}
		}
		return false
	}
	for k, at := range order {
		v := &b.rec.places[at]
		if v.direction == decode.DirOut && !answers(at) && b.isCopy(order, k, answers) {
			copies = append(copies, at)
			continue
		}
		main = append(main, at)
	}
	return main, copies
}

// isCopy reports whether the view order[k], by which nothing comes back, has a neighbour that shows the same packets and by
// which answers come, or whose pod they are for.
func (b *builder) isCopy(order []int, k int, answers func(int) bool) bool {
	v := &b.rec.places[order[k]]
	e, _, _ := v.usual()
	role := b.face(v).Role
	if role.Kind != fact.Veth && role.Kind != fact.InterfaceUnknown || role.LeadsTo(e.dst.Addr()) {
		return false
	}
	for i, at := range order {
		x := &b.rec.places[at]
		if i == k || x.node != v.node || x.direction != v.direction || x.tunnel != v.tunnel || x.ttl() != v.ttl() || x.iface == v.iface {
			continue
		}
		xe, _, _ := x.usual()
		if other := b.face(x).Role; xe == e && other.Kind != fact.Bridge && (answers(at) || other.LeadsTo(e.dst.Addr())) {
			return true
		}
	}
	return false
}

// face returns the known facts of a view's interface.
func (b *builder) face(v *place) fact.Interface {
	for i := range b.facts.Interfaces {
		x := &b.facts.Interfaces[i]
		if x.Capture == v.file && x.Index == v.iface && x.Hardware == v.hardware {
			return *x
		}
	}
	// Only a connection's views may tell it, if the capture does not tell interfaces apart.
	for i := range b.conn.Legs {
		for k := range b.conn.Legs[i].Views {
			if x := &b.conn.Legs[i].Views[k]; int(x.Capture) == v.file && x.Interface == v.iface && x.Dir == v.direction {
				return fact.Interface{Capture: v.file, Index: v.iface, Name: x.Name, Role: x.Role}
			}
		}
	}
	return fact.Interface{Capture: v.file, Index: v.iface}
}

func (b *builder) hop(at int) fact.Hop {
	v := &b.rec.places[at]
	most, others, other := v.usual()
	face := b.face(v)
	return fact.Hop{
		Node: b.facts.Captures[v.file].Node, Capture: v.file, Interface: v.iface, Name: face.Name, Role: face.Role, MTU: face.MTU,
		Dir: v.direction, Src: most.src, Dst: most.dst, Other: others, OtherSrc: other.src, OtherDst: other.dst,
		Encap: v.encaps, TTL: v.ttl(), Frames: v.frames, First: v.ref,
	}
}

// step fills in the step between hop h and the one before.
func (b *builder) step(w *fact.Way, m *matcher, h int) {
	from, to := &w.Hops[h-1], &w.Hops[h]
	s := &to.Step
	between(from, to)
	s.Split, s.Merged = m.split[h] && !m.split[h-1], m.merged[h] && !m.merged[h-1]
	b.time(s, w, to, m, h)
}

// between fills in the changes of packets from one hop to the next.
func between(from, to *fact.Hop) {
	s := &to.Step
	s.Translated = from.Src != to.Src || from.Dst != to.Dst
	s.Wire = from.Node != to.Node
	s.Back = !s.Wire && from.Dir == decode.DirOut && to.Dir == decode.DirIn
	shared := 0
	for shared < len(from.Encap) && shared < len(to.Encap) &&
		sameTunnel(&from.Encap[len(from.Encap)-1-shared], &to.Encap[len(to.Encap)-1-shared]) {
		shared++
	}
	s.Unwrapped = from.Encap[:len(from.Encap)-shared]
	s.Wrapped = to.Encap[:len(to.Encap)-shared]
	s.Hidden = s.Wire && from.Role.Kind == fact.TunnelDevice && to.Role.Kind == fact.TunnelDevice && len(from.Encap) == 0 && len(to.Encap) == 0
}

func sameTunnel(a, b *fact.Encap) bool {
	return a.Kind == b.Kind && a.Src == b.Src && a.Dst == b.Dst && a.VNI == b.VNI && a.Port == b.Port
}

// time fills in how long the step took.
func (b *builder) time(s *fact.Step, w *fact.Way, to *fact.Hop, m *matcher, h int) {
	s.Median, s.Worst = -1, -1
	var list []int64
	comparable := true
	for i := range m.all {
		t := &m.all[i]
		for k := h - 1; k >= 0 && t.hops[h].seen; k-- { // not every packet need be seen on the hop before
			if !t.hops[k].seen {
				continue
			}
			list = append(list, t.hops[h].time-t.hops[k].time)
			if before := &w.Hops[k]; before.Capture != to.Capture {
				err, known := b.clocks(before.Capture, to.Capture)
				s.Error = max(s.Error, err)
				comparable = comparable && known
			}
			break
		}
	}
	if len(list) == 0 || !comparable {
		return
	}
	middle, worst := median(list), slices.Max(list)
	// Timestamps of several processors step back by some microseconds.
	if middle = max(middle, 0); middle >= s.Error && (s.Error == 0 || middle > 0) {
		s.Median = middle
	}
	if worst = max(worst, 0); worst >= s.Error && (s.Error == 0 || worst > 0) {
		s.Worst = worst
	}
}

// clocks returns the error of a time between two captures, and whether anything is known of it.
func (b *builder) clocks(x, y int) (int64, bool) {
	alone := 0
	for i := range b.facts.Captures {
		if c := &b.facts.Captures[i]; c.Clock.Samples == 0 && c.Error == "" && c.CopyOf == "" {
			alone++
		}
	}
	// The one that the others were measured against has no samples of its own.
	cx, cy := &b.facts.Captures[x].Clock, &b.facts.Captures[y].Clock
	known := cx.Samples > 0 && cy.Samples > 0 || alone <= 1
	return cx.Error + cy.Error, known
}
