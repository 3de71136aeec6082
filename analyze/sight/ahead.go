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

// AheadEnd prefetches a leg's first view.
func (t *Table) AheadEnd(id LegID, lines *prefetch.Lines) {
	if v := t.Leg(id).Views; v != 0 {
		lines.Add(unsafe.Pointer(t.View(v)))
	}
}

// ahead prefetches where a hash is, or would be.
func (x *index) ahead(h uint64, lines *prefetch.Lines) {
	lines.Add(unsafe.Pointer(&x.slots[home(h, uint32(len(x.slots)-1))]))
}
