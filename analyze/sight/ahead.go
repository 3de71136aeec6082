package sight

import (
	"unsafe"

	"github.com/netsift/netsift/analyze/prefetch"
)

// Tracking a packet chases pointers: index, view, owner of the leg. Each is prefetched when the one before it is in cache, some
// packets later. None of this changes anything.

// AheadViews prefetches the views of packets with the given leads, or their places in the indexes if there is no guess.
func (t *Table) AheadViews(leads []Lead, lines *prefetch.Lines) {
	for i := range leads {
		if l := &leads[i]; l.guess != 0 {
			lines.Add(unsafe.Pointer(t.View(l.guess)))
		} else {
			t.places.ahead(l.view, lines)
			t.ids.ahead(l.leg, lines)
		}
	}
	lines.Flush()
}

// AheadOwner returns the owner of the leg that a packet's lead has guessed, 0 without a guess.
func (t *Table) AheadOwner(l *Lead) uint32 {
	if l.guess == 0 {
		return 0
	}
	return t.View(l.guess).Owner
}

// AheadLeg prefetches a leg.
func (t *Table) AheadLeg(id LegID, lines *prefetch.Lines) { lines.Add(unsafe.Pointer(t.Leg(id))) }

// AheadView prefetches a leg's n-th view, from 0 on.
func (t *Table) AheadView(id LegID, n int, lines *prefetch.Lines) {
	v := t.Leg(id).Views
	for ; n > 0 && v != 0; n-- {
		v = t.View(v).Link
	}
	if v != 0 {
		lines.Add(unsafe.Pointer(t.View(v)))
	}
}

// AheadRemove prefetches the places of a leg and its views in the indexes.
func (t *Table) AheadRemove(id LegID, lines *prefetch.Lines) {
	g := t.Leg(id)
	t.ids.ahead(g.hash(t.seed), lines)
	t.tuples.ahead(g.Tuple.hash(t.seed), lines)
	for v := g.Views; v != 0; v = t.View(v).Link {
		t.places.ahead(t.View(v).hash, lines)
	}
}

// ahead prefetches where a hash is, or would be.
func (x *index) ahead(h uint64, lines *prefetch.Lines) {
	lines.Add(unsafe.Pointer(&x.slots[home(h, uint32(len(x.slots)-1))]))
}
