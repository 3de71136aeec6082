package sight

import (
	"unsafe"

	"github.com/netsift/netsift/analyze/prefetch"
)

// What following a packet needs lies one behind the other: the view, and who owns its leg. So the memory of each is asked for when the
// one before has come, some packets later. None of this changes anything.

// AheadViews asks for the views of packets with the given leads; where there is no guess, for the place in the index that leads there.
func (t *Table) AheadViews(leads []Lead, lines *prefetch.Lines) {
	mask := uint64(len(t.places.slots) - 1)
	for i := range leads {
		if l := &leads[i]; l.guess != 0 {
			lines.Add(unsafe.Pointer(t.View(l.guess)))
		} else {
			lines.Add(unsafe.Pointer(&t.places.slots[l.view&mask]))
		}
	}
	lines.Flush()
}

// AheadOwner returns the owner of the leg that the packet with a lead seems to be one of, 0 where that is not known.
func (t *Table) AheadOwner(l *Lead) uint32 {
	if l.guess == 0 {
		return 0
	}
	return t.View(l.guess).Owner
}

// AheadLeg asks for a leg.
func (t *Table) AheadLeg(id LegID, lines *prefetch.Lines) { lines.Add(unsafe.Pointer(t.Leg(id))) }

// AheadEnd asks for the first view of a leg.
func (t *Table) AheadEnd(id LegID, lines *prefetch.Lines) {
	if v := t.Leg(id).Views; v != 0 {
		lines.Add(unsafe.Pointer(t.View(v)))
	}
}
