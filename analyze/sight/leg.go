package sight

import (
	"hash/maphash"

	"github.com/netsift/netsift/analyze/slab"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Tuple is a 5-tuple without direction: A is the lower endpoint.
type Tuple struct {
	A, B         wire.Addr
	APort, BPort uint16
	Proto        uint8
}

// TupleOf returns the packet's tuple, and whether the packet went from A to B. Where both endpoints are equal (a pod
// that talks to itself from port 53 to port 53) the direction can't be told from the tuple, and forward is true.
func TupleOf(p *decode.Packet) (t Tuple, forward bool) {
	if goesForward(p) {
		return Tuple{p.Src, p.Dst, p.SrcPort, p.DstPort, p.Proto}, true
	}
	return Tuple{p.Dst, p.Src, p.DstPort, p.SrcPort, p.Proto}, false
}

func goesForward(p *decode.Packet) bool {
	return p.Src.Less(p.Dst) || p.Src == p.Dst && p.SrcPort <= p.DstPort
}

// Key identifies a leg.
type Key struct {
	Tuple
	Tunnel decode.StackID // see decode.Stack
	Node   uint16
}

// LegID addresses a leg in its Table; 0 is none.
type LegID uint32

// ViewID addresses a view in its Table; 0 is none.
type ViewID uint32

// near is how many views of a leg are found without walking from one to the next: of most legs, all.
const near = 4

// Leg is one leg and the views of it. It fills two cache lines: the first is all that finding it takes.
type Leg struct {
	Key
	hash uint64
	// Owner is for the join: the connection that the leg belongs to.
	Owner uint32
	// Views is the first of its views; they are linked by View.Link.
	Views ViewID
	// tags and ids lead to the first views by the lower half of their hashes.
	tags [near]uint32
	ids  [near]ViewID
	// Stack holds the encapsulations as first seen per direction: A to B, B to A; 0 where not seen or none.
	Stack [2]decode.StackID
	// Overhead is the number of bytes around the inner IP packet, from the outermost IP header on.
	Overhead uint32
	// Frames counts the sightings, Overflow those in views beyond MaxViews.
	Frames, Overflow uint32
	NViews           uint8
	_                [8]byte
}

// MaxViews bounds the views of a leg; a routing loop or a hostile capture shows more, which are only counted.
const MaxViews = 12

// Table holds the legs.
type Table struct {
	seed     uint64
	ids      index
	legs     slab.Slab[Leg]
	views    slab.Slab[View]
	troubles slab.Slab[Trouble]
}

// NewTable returns an empty table.
func NewTable() *Table {
	return &Table{seed: maphash.Bytes(maphash.MakeSeed(), nil), ids: newIndex()}
}

// Release gives the table's memory back, which is not to be used any more.
func (t *Table) Release() {
	t.legs.Release()
	t.views.Release()
	t.troubles.Release()
}

// Len returns the number of legs that are found by their key.
func (t *Table) Len() int { return t.ids.used }

// Sizes returns how many legs, views and Troubles there are.
func (t *Table) Sizes() (legs, views, troubles int) {
	return t.legs.Len(), t.views.Len(), t.troubles.Len()
}

// Leg returns the leg with the given id.
func (t *Table) Leg(id LegID) *Leg { return t.legs.At(uint32(id)) }

// View returns the view with the given id.
func (t *Table) View(id ViewID) *View { return t.views.At(uint32(id)) }

// Find returns the leg of packet p on a node, whose lead is l, or 0.
func (t *Table) Find(p *decode.Packet, node uint16, l *Lead) LegID {
	x := &t.ids
	mask := uint64(len(x.slots) - 1)
	for i := l.leg & mask; ; i = (i + 1) & mask {
		s := &x.slots[i]
		if s.id == 0 {
			return 0
		}
		if s.tag == uint32(l.leg>>32) && t.Leg(s.id).has(p, node, l) {
			return s.id
		}
	}
}

// has reports whether the packet is one of the leg.
func (g *Leg) has(p *decode.Packet, node uint16, l *Lead) bool {
	if g.Proto != p.Proto || g.Tunnel != l.tunnel || g.Node != node {
		return false
	}
	if l.Forward {
		return g.A == p.Src && g.B == p.Dst && g.APort == p.SrcPort && g.BPort == p.DstPort
	}
	return g.A == p.Dst && g.B == p.Src && g.APort == p.DstPort && g.BPort == p.SrcPort
}

// KeyOf returns the key of the leg that packet p is one of.
func (l *Lead) KeyOf(p *decode.Packet, node uint16) Key {
	t, _ := TupleOf(p)
	return Key{Tuple: t, Tunnel: l.tunnel, Node: node}
}

// Add makes a leg. It replaces the one that has the same key, which lives on under its id until it is removed: a port
// that is used again begins a new leg.
func (t *Table) Add(k Key) LegID {
	id := LegID(t.legs.Add())
	h := k.hash(t.seed)
	g := t.Leg(id)
	g.Key, g.hash = k, h
	t.put(&k, h, id)
	return id
}

// Remove frees a leg and its views.
func (t *Table) Remove(id LegID) {
	t.forget(id)
	for v := t.Leg(id).Views; v != 0; {
		view := t.View(v)
		next := view.Link
		if view.trouble != 0 {
			t.troubles.Remove(view.trouble)
		}
		t.views.Remove(uint32(v))
		v = next
	}
	t.legs.Remove(uint32(id))
}

// See enters a sighting of p, whose lead is l, in leg id. It returns the view, or 0 where the leg has too many, and what
// the view makes of the packet.
func (t *Table) See(id LegID, p *decode.Packet, o *Origin, l *Lead) (ViewID, Repeat) {
	g := t.Leg(id)
	g.Frames++
	if p.Stack != 0 {
		side := 1
		if l.Forward {
			side = 0
		}
		if g.Stack[side] == 0 {
			g.Stack[side] = p.Stack
		}
		g.Overhead = p.OuterIPLen - p.IPLen
	}
	v := t.view(g, l.view)
	if v == 0 {
		if g.NViews >= MaxViews {
			g.Overflow++
			return 0, None
		}
		v = t.addView(g, p, o, l)
	}
	return v, t.see(t.View(v), p)
}

// view returns the view of g whose place hashes to h, or 0.
func (t *Table) view(g *Leg, h uint64) ViewID {
	for i := range g.tags {
		if g.tags[i] == uint32(h) && g.ids[i] != 0 && t.View(g.ids[i]).hash == h {
			return g.ids[i]
		}
	}
	if g.NViews <= near {
		return 0
	}
	for v := t.View(g.ids[near-1]).Link; v != 0; v = t.View(v).Link {
		if t.View(v).hash == h {
			return v
		}
	}
	return 0
}

// addView makes a view of g for packet p.
func (t *Table) addView(g *Leg, p *decode.Packet, o *Origin, l *Lead) ViewID {
	id := ViewID(t.views.Add())
	v := t.View(id)
	v.hash = l.view
	v.Interface, v.Capture, v.Hardware, v.Direction = p.Interface, o.Series, p.Hardware, p.Direction
	v.Forward, v.Mixed, v.First = l.Forward, o.Mixed, p.Time
	if g.Views == 0 {
		g.Views = id
	} else {
		last := g.Views
		for t.View(last).Link != 0 {
			last = t.View(last).Link
		}
		t.View(last).Link = id
	}
	if g.NViews < near {
		g.tags[g.NViews], g.ids[g.NViews] = uint32(l.view), id
	}
	g.NViews++
	return id
}
