package join

import (
	"unsafe"

	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
)

// Ahead is after how many packets Ahead wants to be called again.
const Ahead = 16

// Ahead asks for the memory that Track will need for packets ahead of the i-th, whose lead is leads[i]. It changes nothing.
func (j *Joiner) Ahead(leads []sight.Lead, i int) {
	group := func(n int) []sight.Lead {
		from := min(i+n*Ahead, len(leads))
		return leads[from:min(from+Ahead, len(leads))]
	}
	if i == 0 { // nobody has looked ahead for the first
		for n := range 2 {
			j.table.AheadViews(group(n), &j.lines)
		}
		j.aheadConns(group(0))
	}
	j.aheadConns(group(1))
	j.table.AheadViews(group(2), &j.lines)
}

// aheadConns asks for connections. Sightings of one packet follow each other closely, so that a connection is asked for once.
func (j *Joiner) aheadConns(leads []sight.Lead) {
	last, key := uint32(0), uint32(0)
	for i := range leads {
		if l := &leads[i]; l.Key != key {
			key = l.Key
			j.lines.Add(unsafe.Pointer(j.recently(key)))
		}
		id := j.table.AheadOwner(&leads[i])
		if id == 0 || id == last {
			continue
		}
		last = id
		j.conn(life.ID(id)).Ahead(&j.lines)
	}
	j.lines.Flush()
}

// endsAhead is how many of the connections that end next are asked for.
const endsAhead = 6

// ends are the connections that end next, 0 for none.
type ends [endsAhead]life.ID

// aheadEnds asks for what ending them will need. One step of a chain is asked for each time that one ends: a connection, its legs, their views one
// after the other, and the places of these in the indexes.
func (j *Joiner) aheadEnds(next *ends) {
	for i, id := range next {
		if id == 0 {
			break
		}
		c := j.conn(id)
		switch step := endsAhead - 1 - i; step {
		case 0:
			for at := uintptr(0); at < unsafe.Sizeof(conn{}); at += 2 * line {
				j.lines.Add(unsafe.Add(unsafe.Pointer(c), at))
			}
		case 1:
			for _, l := range c.Legs() {
				j.table.AheadLeg(l, &j.lines)
			}
		case endsAhead - 1:
			for _, l := range c.Legs() {
				j.table.AheadRemove(l, &j.lines)
			}
		default:
			for _, l := range c.Legs() {
				j.table.AheadView(l, step-2, &j.lines)
			}
		}
	}
	j.lines.Flush()
}

// line is the size of a cache line, in bytes.
const line = 64
