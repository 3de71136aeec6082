package life

import (
	"github.com/netsift/netsift/analyze/fact"
)

// window is a receive window that its receiver closed, and for how long.
type window struct {
	// now is the time for which it is closed, worst the longest one.
	now, worst fact.Shut
}

// shut enters a segment, seen for the first time, of a side that announces a window of zero or did so last (RFC 9293, section 3.8.6).
func (ls *Lives) shut(id ID, c *State, s *Sighting) {
	both := ls.windows[id]
	if both == nil {
		both = new([2]window)
		ls.windows[id] = both
	}
	w, x := &c.ways[s.Dir], &both[s.Dir]
	switch {
	case s.Packet.Window != 0:
		x.now.Reopened = true
	case !w.shut:
		x.now = fact.Shut{First: s.Packet.Time, Announced: 1}
		c.note(s.mark(fact.MarkShut))
	default:
		x.now.Announced++
		c.note(s.mark(fact.MarkShut))
	}
	w.shut = s.Packet.Window == 0
	x.now.Last = s.Packet.Time
	if x.now.Last-x.now.First >= x.worst.Last-x.worst.First {
		x.worst = x.now
	}
}

// closed returns the longest time for which the receive window of a direction's sender was closed, nil for none.
func (ls *Lives) closed(id ID, dir fact.Direction) *fact.Shut {
	both := ls.windows[id]
	if both == nil || both[dir].worst.Announced == 0 {
		return nil
	}
	x := both[dir].worst
	return &x
}
