package join

import (
	"github.com/netsift/netsift/analyze/fact"
)

// window is a receive window that its receiver closed, and for how long.
type window struct {
	// now is the time for which it is closed, worst the longest one.
	now, worst fact.Shut
}

// shut enters a segment, seen for the first time, of a side that announces a window of zero or did so last (RFC 9293, section 3.8.6).
func (j *Joiner) shut(id connID, c *conn, s *sighting) {
	both := j.windows[id]
	if both == nil {
		both = new([2]window)
		j.windows[id] = both
	}
	w, x := &c.ways[s.dir], &both[s.dir]
	switch {
	case s.p.Window != 0:
		x.now.Reopened = true
	case !w.shut:
		x.now = fact.Shut{First: s.p.Time, Announced: 1}
		c.note(s.mark(fact.MarkShut))
	default:
		x.now.Announced++
		c.note(s.mark(fact.MarkShut))
	}
	w.shut = s.p.Window == 0
	x.now.Last = s.p.Time
	if x.now.Last-x.now.First >= x.worst.Last-x.worst.First {
		x.worst = x.now
	}
}

// closed returns the longest time for which the receive window of a direction's sender was closed, nil for none.
func (j *Joiner) closed(id connID, dir fact.Direction) *fact.Shut {
	both := j.windows[id]
	if both == nil || both[dir].worst.Announced == 0 {
		return nil
	}
	x := both[dir].worst
	return &x
}
