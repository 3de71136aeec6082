package analyze

import "github.com/netsift/netsift/analyze/fact"

// Part is what of the captures is asked for. All of them is read, followed and judged even so: why a connection fails, others may tell. The facts
// say which of their connections and lookups are asked for, and how many these are (fact.Part).
type Part struct {
	// Connection and Lookup report whether one is asked for. They are called when it ends, one after the other; it has no names of a snapshot then,
	// and no ID.
	Connection func(*fact.Connection) bool
	Lookup     func(*fact.Lookup) bool
}

// choose marks a connection that is asked for, and counts it.
func (d *digest) choose(c *fact.Connection) {
	if d.part == nil {
		return
	}
	if c.Chosen = d.part.Connection(c); !c.Chosen {
		return
	}
	d.chosen.Connections++
	switch {
	case c.Failed():
		d.chosen.Failed++
	case c.Late():
		d.chosen.Late++
	}
}

// chooseLookup marks a lookup that is asked for, and counts it.
func (d *digest) chooseLookup(l *fact.Lookup) {
	if d.part == nil {
		return
	}
	if l.Chosen = d.part.Lookup(l); !l.Chosen {
		return
	}
	d.chosen.Lookups++
	if l.Late() {
		d.chosen.Late++
	}
}
