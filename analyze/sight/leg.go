package sight

import (
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
	if p.Src.Less(p.Dst) || p.Src == p.Dst && p.SrcPort <= p.DstPort {
		return Tuple{p.Src, p.Dst, p.SrcPort, p.DstPort, p.Proto}, true
	}
	return Tuple{p.Dst, p.Src, p.DstPort, p.SrcPort, p.Proto}, false
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
	// Stack holds the encapsulations as first seen per direction: A to B, B to A; 0 where not seen or none.
	Stack [2]decode.StackID
	// Overhead is the number of bytes around the inner IP packet, from the outermost IP header on.
	Overhead uint32
	// Owner is for the join: the connection that the leg belongs to.
	Owner uint32
	// Views is the first of its views; they are linked by View.Link.
	Views  ViewID
	NViews uint8
	// Frames counts the sightings, Overflow those in views beyond MaxViews.
	Frames, Overflow uint32
}

// MaxViews bounds the views of a leg; a routing loop or a hostile capture shows more, which are only counted.
const MaxViews = 12

// Table holds the legs.
type Table struct {
	ids   index
	legs  []Leg
	views []View
	// Heads of the free lists, threaded through Leg.Views and View.Link.
	freeLeg  LegID
	freeView ViewID
}

// NewTable returns an empty table.
func NewTable() *Table {
	return &Table{ids: newIndex(), legs: make([]Leg, 1), views: make([]View, 1)}
}

// Len returns the number of legs that are found by their key.
func (t *Table) Len() int { return t.ids.used }

// Leg returns the leg with the given id. The pointer is valid until the next call of See.
func (t *Table) Leg(id LegID) *Leg { return &t.legs[id] }

// View returns the view with the given id. The pointer is valid until the next call of See.
func (t *Table) View(id ViewID) *View { return &t.views[id] }

// Find returns the leg with key k, or 0.
func (t *Table) Find(k Key) LegID { return t.ids.find(&k, t.legs) }

// Add makes a leg. It replaces the one that has the same key, which lives on under its id until it is removed: a port
// that is used again begins a new leg.
func (t *Table) Add(k Key) LegID {
	id := t.freeLeg
	if id != 0 {
		t.freeLeg = LegID(t.legs[id].Views)
	} else {
		id = LegID(len(t.legs))
		t.legs = append(t.legs, Leg{})
	}
	t.legs[id] = Leg{Key: k}
	t.ids.put(&k, id, t.legs)
	return id
}

// Remove frees a leg and its views.
func (t *Table) Remove(id LegID) {
	l := &t.legs[id]
	t.ids.remove(&l.Key, id, t.legs)
	for v := l.Views; v != 0; {
		next := t.views[v].Link
		t.views[v] = View{Link: t.freeView}
		t.freeView = v
		v = next
	}
	t.legs[id] = Leg{Views: ViewID(t.freeLeg)}
	t.freeLeg = id
}

// See enters a sighting of p in leg id, where forward says that p goes from A to B. It returns the view, or 0 where
// the leg has too many, and what the view makes of the packet.
func (t *Table) See(id LegID, p *decode.Packet, o Origin, forward bool) (ViewID, Repeat) {
	l := &t.legs[id]
	l.Frames++
	side := 0
	if !forward {
		side = 1
	}
	if p.Stack != 0 {
		if l.Stack[side] == 0 {
			l.Stack[side] = p.Stack
		}
		l.Overhead = p.OuterIPLen - p.IPLen
	}
	k := placeOf(p, o, forward)
	last := ViewID(0)
	for v := l.Views; v != 0; v = t.views[v].Link {
		if t.views[v].place == k {
			return v, t.views[v].see(p)
		}
		last = v
	}
	if l.NViews >= MaxViews {
		l.Overflow++
		return 0, None
	}
	v := t.freeView
	if v != 0 {
		t.freeView = t.views[v].Link
	} else {
		v = ViewID(len(t.views))
		t.views = append(t.views, View{})
	}
	t.views[v] = View{place: k, First: p.Time}
	if last == 0 {
		l.Views = v
	} else {
		t.views[last].Link = v
	}
	l.NViews++
	return v, t.views[v].see(p)
}
