package html

import (
	"fmt"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// foot says, within the last node, how the way to the server ends, if it does not arrive.
func (w *walk) foot() {
	way := &w.t.Ways[fact.ToServer]
	said := ending(w.t.Connection.Proto, way)
	if said == "" || w.answered(way) {
		return
	}
	w.y += 4
	w.ends(said, way)
	w.y += 4
	if w.rows[len(w.rows)-1].hop[0] == len(way.Hops)-1 && stops(way) {
		w.Marks = append(w.Marks, cross{w.lane[0], w.y - 12})
	}
}

// home says, above the first node, how the way to the client ends, if it does not arrive.
func (w *walk) home() {
	way := &w.t.Ways[fact.ToClient]
	if said := ending(w.t.Connection.Proto, way); said != "" && !w.answered(way) {
		w.y -= 14
		w.ends("replies: "+said, way)
		w.y += 8
	}
}

func (w *walk) ends(said string, way *fact.Way) {
	class, size := "dim", noteSize
	if stops(way) {
		class, size = "bad", boldSize
	}
	for _, l := range wrap(said, size) {
		w.y += 15
		w.text(w.note, w.y, class, l)
	}
}

// answered reports whether packets that leave these captures are known to arrive.
func (w *walk) answered(way *fact.Way) bool {
	return way.End == fact.EndLeaves && (w.t.Connection.Outcome == fact.OK || w.t.Outline)
}

// stops reports whether the packets are known to go no further.
func stops(way *fact.Way) bool {
	return way.End == fact.EndVanish || way.End == fact.EndRefused || way.End == fact.EndLoop
}

// ending says how a way of a connection of protocol p ends, "" where it arrives.
func ending(p fact.Proto, way *fact.Way) string {
	if len(way.Hops) == 0 {
		return ""
	}
	last := &way.Hops[len(way.Hops)-1]
	switch way.End {
	case fact.EndRefused:
		return report.Clean(last.Node) + " answers itself: " + answer(p, way.Answer)
	case fact.EndLoop:
		return "loops until its TTL runs out"
	case fact.EndVanish:
		s := report.Many(last.Packets, "packet") + " not seen beyond this point"
		if next := report.Next(way); next != "" {
			s += "; next would have been " + report.Clean(next)
		}
		return s
	case fact.EndLeaves:
		return "leaves; no capture shows where it arrives"
	case fact.EndOpen:
		return "where it went next can't be seen here"
	}
	return ""
}

// answer says what a node answers with.
func answer(p fact.Proto, e *fact.ICMPError) string {
	if e == nil {
		return p.Terms().Abort
	}
	return "ICMP " + report.ICMPName(e)
}

// end writes the server at the bottom.
func (w *walk) end() {
	c := w.t.Connection
	w.y += 32
	o := report.Parties(c.Objects)
	name, at, object := "server ", c.Backend, o.Backend
	if !at.IsValid() {
		name, at, object = "called ", c.Called, o.Service
	}
	w.text(nameX-10, w.y, "end", short(name+report.Named(object, report.End(c.Proto, at)), partySize))
}

// lanes draws both lanes from their first sighting to their last, with a head where they arrive.
func (w *walk) lanes() {
	for flow, x := range w.lane {
		var ys []int
		for _, d := range w.Dots {
			if d.X == x {
				ys = append(ys, d.Y)
			}
		}
		if len(ys) == 0 {
			continue
		}
		top, bottom := slices.Min(ys), slices.Max(ys)
		w.Lines = append(w.Lines, line{x, top, x, bottom, "lane"})
		way := &w.t.Ways[flow]
		arrives := way.End == fact.EndDelivered || way.End == fact.EndHere || way.End == fact.EndLeaves
		switch {
		case flow == 0 && arrives:
			w.Lines = append(w.Lines, line{x, bottom, x, bottom + 26, "lane"})
			w.arrow(x, bottom+26, 1, "lane")
		case flow == 1 && arrives:
			w.Lines = append(w.Lines, line{x, top - 50, x, top, "lane"})
			w.arrow(x, top-50, -1, "lane")
		case flow == 0 && stops(way):
			w.Lines = append(w.Lines, line{x, bottom, x, w.lastCross(x, bottom+16), "lane-lost"})
		case flow == 1 && stops(way):
			w.Lines = append(w.Lines, line{x, top - 14, x, top, "lane-lost"})
			w.Marks = append(w.Marks, cross{x, top - 18})
		}
	}
}

func (w *walk) lastCross(x, least int) int {
	for _, m := range w.Marks {
		if m.X == x {
			least = max(least, m.Y)
		}
	}
	return least
}

// onNode says which RST and ICMP errors were first seen on a node, beside what the lanes' ends say already.
func (w *walk) onNode(node string) []string {
	c := w.t.Connection
	here := func(r fact.Ref) bool {
		return r.Capture >= 0 && r.Capture < len(w.t.Captures) && report.Clean(w.t.Captures[r.Capture].Node) == node
	}
	refused := w.t.Ways[0].End == fact.EndRefused || w.t.Ways[1].End == fact.EndRefused
	var list []string
	if r := c.Reset; r != nil && here(r.Ref) && !refused {
		list = append(list, fmt.Sprintf("%s to the %s, first seen on this node", c.Proto.Terms().Abort, report.Sender(1-r.From)))
	}
	for i := range c.Errors {
		if e := &c.Errors[i]; here(e.Ref) && !refused && e.MTU == 0 {
			list = append(list, fmt.Sprintf("ICMP %s, first seen on this node", report.ICMPName(e)))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
