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

// aheadEnd asks for what end will need for the next connection, and for some of what it will need for the two after that; 0 is none.
func (j *Joiner) aheadEnd(next, second, third life.ID) {
	if next != 0 {
		c := j.conn(next)
		for _, l := range c.Legs() {
			j.table.AheadEnd(l, &j.lines)
		}
	}
	if second != 0 {
		c := j.conn(second)
		for _, l := range c.Legs() {
			j.table.AheadLeg(l, &j.lines)
		}
	}
	if third != 0 {
		c := unsafe.Pointer(j.conn(third))
		for at := uintptr(0); at < unsafe.Sizeof(conn{}); at += 2 * line {
			j.lines.Add(unsafe.Add(c, at))
		}
	}
	j.lines.Flush()
}

// line is the size of a cache line, in bytes.
const line = 64
