package rules

import "github.com/netsift/netsift/analyze/fact"

// showsRests reports whether a capture shows later fragments, which have no ports: where it may have been taken with a filter for ports, that
// none was seen says nothing.
func (s *scene) showsRests(capture uint16) bool {
	if s.Captures[capture].Whole() {
		return true
	}
	return index(s, newRests)[capture]
}

// rests has the captures that show later fragments.
type rests map[uint16]bool

func newRests(s *scene) rests {
	r := rests{}
	for i := range s.Reach {
		if x := &s.Reach[i]; x.Signs&fact.SignFragmented != 0 {
			for k := range x.Examples {
				r.note(&x.Examples[k])
			}
		}
	}
	return r
}

// note notes which captures show whole datagrams in fragments of a connection.
func (r rests) note(c *fact.Connection) {
	for i := range c.Legs {
		for k := range c.Legs[i].Views {
			if v := &c.Legs[i].Views[k]; v.Fragmented > v.Torn {
				r[v.Capture] = true
			}
		}
	}
}

// spot is a view and the leg that it is one of.
type spot struct {
	leg  *fact.Leg
	view *fact.View
}

// spots returns where the packets of one direction of a connection were seen.
func spots(c *fact.Connection, d fact.Direction) []spot {
	var list []spot
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			if v := &l.Views[k]; v.Flow == d {
				list = append(list, spot{l, v})
			}
		}
	}
	return list
}

// beyond reports whether packets come to a view after they came to another one.
func beyond(v, other *fact.View) bool {
	if v.After >= 0 && other.After >= 0 {
		return v.After > other.After
	}
	return v.First > other.First
}

// cutAt returns the view nearest to the receiver that shows datagrams of a direction in fragments, and the view nearest to the sender of those
// that do; zero where none does.
func cutAt(c *fact.Connection, d fact.Direction) (first, last spot) {
	for _, x := range spots(c, d) {
		if x.view.Fragmented == 0 {
			continue
		}
		if first.view == nil || beyond(first.view, x.view) {
			first = x
		}
		if last.view == nil || beyond(x.view, last.view) {
			last = x
		}
	}
	return first, last
}

// tornAt returns where the first fragments of a direction's datagrams come and not one of the others does, at last; zero where none is
// missing, or where the capture may not have shown it.
func (s *scene) tornAt(c *fact.Connection, d fact.Direction) spot {
	var last spot
	for _, x := range spots(c, d) {
		if x.view.Fragmented > 0 && (last.view == nil || beyond(x.view, last.view)) && s.showsRests(x.view.Capture) {
			last = x
		}
	}
	if last.view == nil || last.view.Torn < last.view.Fragmented {
		return spot{}
	}
	for _, x := range spots(c, d) { // the rest came by another way, or they were put together
		v := x.view
		if beyond(v, last.view) && (v.Fragmented > v.Torn || v.Fragmented == 0 && v.MaxIPLen > last.view.MaxIPLen) {
			return spot{}
		}
	}
	return last
}

// place names a spot for a person.
func (x spot) place() string {
	text := x.leg.Node
	if len(x.leg.Encap) > 0 {
		text += ", in the " + x.leg.Encap[0].Kind.String() + " tunnel"
	}
	return text + crossing(x.view)
}
