package sight

import (
	"unsafe"

	"github.com/netsift/netsift/analyze/prefetch"
)

// What following a packet needs lies one behind the other: the index leads to the leg, and the leg to the view and to who owns it.
// So the memory of each is asked for when the one before has come, some packets later. None of this changes anything.

// AheadIndex asks for the places in the index that the packets with the given leads lead to.
func (t *Table) AheadIndex(leads []Lead, lines *prefetch.Lines) {
	mask := uint64(len(t.ids.slots) - 1)
	for i := range leads {
		lines.Add(unsafe.Pointer(&t.ids.slots[leads[i].leg&mask]))
	}
	lines.Flush()
}

// AheadLegs asks for the legs.
func (t *Table) AheadLegs(leads []Lead, lines *prefetch.Lines) {
	for i := range leads {
		if id := t.ids.guess(leads[i].leg); id != 0 {
			t.AheadLeg(id, lines)
		}
	}
	lines.Flush()
}

// AheadView asks for the view that the packet with a lead is seen in, and returns who owns its leg, 0 where that is not known.
func (t *Table) AheadView(l *Lead, lines *prefetch.Lines) (owner uint32) {
	id := t.ids.guess(l.leg)
	if id == 0 {
		return 0
	}
	g := t.Leg(id)
	for i := range g.tags {
		if g.tags[i] == uint32(l.view) && g.ids[i] != 0 {
			v := t.View(g.ids[i])
			lines.Add(unsafe.Pointer(v))
			lines.Add(unsafe.Pointer(&v.lastIDs))
		}
	}
	return g.Owner
}

// AheadLeg asks for a leg.
func (t *Table) AheadLeg(id LegID, lines *prefetch.Lines) {
	g := t.Leg(id)
	lines.Add(unsafe.Pointer(g))
	lines.Add(unsafe.Pointer(&g.tags))
}

// AheadViews asks for the first views of a leg, and the place in the index that leads to it.
func (t *Table) AheadViews(id LegID, lines *prefetch.Lines) {
	g := t.Leg(id)
	lines.Add(unsafe.Pointer(&t.ids.slots[g.hash&uint64(len(t.ids.slots)-1)]))
	for _, v := range g.ids {
		if v != 0 {
			lines.Add(unsafe.Pointer(t.View(v)))
			lines.Add(unsafe.Pointer(&t.View(v).lastIDs))
		}
	}
}
