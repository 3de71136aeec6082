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

// Leg is one leg and the views of it.
type Leg struct {
	Key
	// low is the lower half of the key's hash.
	low uint32
	// Owner is for the join: the connection that the leg belongs to.
	Owner uint32
	// Views is the first of its views; they are linked by View.Link.
	Views ViewID
	// Stack holds the encapsulations as first seen per direction: A to B, B to A; 0 where not seen or none.
	Stack [2]decode.StackID
	// Overhead is the number of bytes around the inner IP packet, from the outermost IP header on.
	Overhead uint32
	// Overflow counts the sightings in views beyond MaxViews.
	Overflow uint32
	NViews   uint8
}

// MaxViews bounds the views of a leg; a routing loop or a hostile capture shows more, which are only counted.
const MaxViews = 12

// Table holds legs and views. A packet's view is found at once, and with it the leg and its owner; the leg is looked for only where
// there is no view yet.
type Table struct {
	seed     seed
	ids      *index // of legs, by their keys
	tuples   *index // of the leg that was made last of those with a tuple
	places   *index // of views
	legs     slab.Slab[Leg]
	views    slab.Slab[View]
	troubles slab.Slab[Trouble]
}

// NewTable returns an empty table.
func NewTable() *Table {
	random := func() uint64 { return maphash.Bytes(maphash.MakeSeed(), nil) }
	return &Table{seed: seed{random(), random()}, ids: newIndex(), tuples: newIndex(), places: newIndex()}
}

// Release forgets all legs and gives their memory back. Leaders that were made before are not to be used any more.
func (t *Table) Release() {
	t.ids, t.tuples, t.places = newIndex(), newIndex(), newIndex()
	t.legs.Release()
	t.views.Release()
	t.troubles.Release()
}

// Len returns the number of legs and views that the indexes lead to, legs twice: by their key and by their tuple.
func (t *Table) Len() int { return t.ids.used + t.tuples.used + t.places.used }

// Sizes returns how many legs, views and Troubles there are.
func (t *Table) Sizes() (legs, views, troubles int) {
	return t.legs.Len(), t.views.Len(), t.troubles.Len()
}

// Leg returns the leg with the given id.
func (t *Table) Leg(id LegID) *Leg { return t.legs.At(uint32(id)) }

// Place returns the Place of the leads of a leg's packets.
func (t *Table) Place(id LegID) uint64 { return t.Leg(id).hash(t.seed) }

// PlaceOf is a hash of a tuple.
func (t *Table) PlaceOf(k *Tuple) uint64 { return k.hash(t.seed) }

// View returns the view with the given id.
func (t *Table) View(id ViewID) *View { return t.views.At(uint32(id)) }

// Latest returns the leg that was made last of those with a tuple, in any tunnel and on any node; 0 without one.
func (t *Table) Latest(k *Tuple) LegID { return LegID(t.tuples.find(k.hash(t.seed), t.lowOfTuple)) }

// Seen returns the view that a packet with lead l is seen in, 0 where it is the first one there.
func (t *Table) Seen(l *Lead) ViewID {
	if l.guess != 0 && t.View(l.guess).hash == l.view {
		return l.guess
	}
	return ViewID(t.places.find(l.view, t.lowOfView))
}

// Find returns the leg of a packet with lead l, or 0.
func (t *Table) Find(l *Lead) LegID { return LegID(t.ids.find(l.leg, t.lowOfLeg)) }

func (t *Table) lowOfTuple(id uint32) uint32 { return uint32(t.legs.At(id).Tuple.hash(t.seed)) }

func (t *Table) lowOfView(id uint32) uint32 { return uint32(t.views.At(id).hash) }
func (t *Table) lowOfLeg(id uint32) uint32  { return t.legs.At(id).low }

// KeyOf returns the key of the leg that packet p, seen on a node and in a tunnel, is one of.
func KeyOf(p *decode.Packet, node uint16, tunnel decode.StackID) Key {
	t, _ := TupleOf(p)
	return Key{Tuple: t, Tunnel: tunnel, Node: node}
}

// Add makes a leg. It replaces the one that has the same key, which lives on under its id until it is removed: a port
// that is used again begins a new leg.
func (t *Table) Add(k Key, owner uint32) LegID {
	id := t.legs.Add()
	h := k.hash(t.seed)
	g := t.legs.At(id)
	g.Key, g.low, g.Owner = k, uint32(h), owner
	t.tuples.put(k.Tuple.hash(t.seed), id, t.lowOfTuple)
	if old := LegID(t.ids.put(h, id, t.lowOfLeg)); old != 0 {
		for v := t.Leg(old).Views; v != 0; v = t.View(v).Link {
			t.places.forget(t.View(v).hash, uint32(v))
			t.View(v).hash = 0 // a lead may have guessed it
		}
	}
	return LegID(id)
}

// Remove frees a leg and its views.
func (t *Table) Remove(id LegID) {
	g := t.Leg(id)
	t.ids.forget(g.hash(t.seed), uint32(id))
	t.tuples.forget(g.Tuple.hash(t.seed), uint32(id))
	for v := g.Views; v != 0; {
		view := t.View(v)
		t.places.forget(view.hash, uint32(v))
		next := view.Link
		if view.trouble != 0 {
			t.troubles.Remove(view.trouble)
		}
		t.views.Remove(uint32(v))
		v = next
	}
	t.legs.Remove(uint32(id))
}

// AddView makes a view of leg id for packet p, whose lead is l and for which Seen found none. It returns 0 where the leg has too many, and
// only counts the packet.
func (t *Table) AddView(id LegID, p *decode.Packet, o *Origin, l *Lead) ViewID {
	g := t.Leg(id)
	if p.Stack != 0 {
		side := 1
		if l.Forward {
			side = 0
		}
		if g.Stack[side] == 0 {
			g.Stack[side] = p.Stack
		}
	}
	if g.NViews == MaxViews {
		g.Overflow++
		return 0
	}
	g.NViews++
	n := t.views.Add()
	v := t.views.At(n)
	v.hash, v.Leg, v.Owner = l.view, id, g.Owner
	v.Interface, v.Capture, v.Hardware, v.Direction = p.Interface, o.Series, p.Hardware, p.Direction
	v.Forward, v.Mixed, v.First = l.Forward, o.Mixed, p.Time
	t.places.put(l.view, n, t.lowOfView)
	if g.Views == 0 {
		g.Views = ViewID(n)
		return g.Views
	}
	last := g.Views
	for t.View(last).Link != 0 {
		last = t.View(last).Link
	}
	t.View(last).Link = ViewID(n)
	return ViewID(n)
}

// See enters a sighting of p in a view, and returns what the view makes of it.
func (t *Table) See(id ViewID, p *decode.Packet) Repeat {
	v := t.View(id)
	// Of the first packets only, so that others need not look at the leg. A fragment does not say how long the whole is.
	if p.Stack != 0 && v.Frames < 8 && p.Has&decode.HasOuterFragment == 0 && p.OuterIPLen > p.IPLen {
		t.Leg(v.Leg).Overhead = p.OuterIPLen - p.IPLen
	}
	return t.see(v, p)
}
