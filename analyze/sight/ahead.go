package sight

import (
	"unsafe"

	"github.com/netsift/netsift/analyze/prefetch"
)

// What following a packet needs lies one behind the other: the index leads to the view, and the view to who owns its leg. So the memory
// of each is asked for when the one before has come, some packets later. None of this changes anything.

// AheadIndex asks for the places in the index that the packets with the given leads lead to.
func (t *Table) AheadIndex(leads []Lead, lines *prefetch.Lines) {
	mask := uint64(len(t.places.slots) - 1)
	for i := range leads {
		lines.Add(unsafe.Pointer(&t.places.slots[leads[i].view&mask]))
	}
	lines.Flush()
}

// AheadViews asks for the views, and says in ids which they seem to be: 0 for none.
func (t *Table) AheadViews(leads []Lead, ids []ViewID, pairs *prefetch.Pairs) {
	for i := range leads {
		id := ViewID(t.places.guess(leads[i].view))
		ids[i] = id
		if id != 0 {
			pairs.Add(unsafe.Pointer(t.View(id)))
		}
	}
	pairs.Flush()
}

// AheadLeg asks for a leg.
func (t *Table) AheadLeg(id LegID, pairs *prefetch.Pairs) { pairs.Add(unsafe.Pointer(t.Leg(id))) }

// AheadEnd asks for the first view of a leg, and the place in the index that leads to it.
func (t *Table) AheadEnd(id LegID, pairs *prefetch.Pairs) {
	g := t.Leg(id)
	pairs.Add(unsafe.Pointer(&t.ids.slots[g.low&uint32(len(t.ids.slots)-1)]))
	if g.Views != 0 {
		pairs.Add(unsafe.Pointer(t.View(g.Views)))
	}
}
