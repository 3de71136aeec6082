package html

import (
	"fmt"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/cmd/internal/report"
)

// foot says, within the last node, how the way to the server ends, if it does not arrive.
func (w *walk) foot() {
	way := &w.t.Ways[fact.ToServer]
	said := ending(way)
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
	if said := ending(way); said != "" && !w.answered(way) {
		w.y -= 14
		w.ends("replies: "+said, way)
		w.y += 8
	}
}

func (w *walk) ends(said string, way *trace.Way) {
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
func (w *walk) answered(way *trace.Way) bool {
	return way.End == trace.EndLeaves && (w.t.Connection.Outcome == fact.OK || w.t.Outline)
}

// stops reports whether the packets are known to go no further.
func stops(way *trace.Way) bool {
	return way.End == trace.EndVanish || way.End == trace.EndRefused || way.End == trace.EndLoop
}

// ending says how a way ends, "" where it arrives.
func ending(way *trace.Way) string {
	if len(way.Hops) == 0 {
		return ""
	}
	last := &way.Hops[len(way.Hops)-1]
	switch way.End {
	case trace.EndRefused:
		return report.Clean(last.Node) + " answers itself: " + answer(way.Answer)
	case trace.EndLoop:
		return "goes in a circle until the TTL is used up"
	case trace.EndVanish:
		s := report.Many(last.Packets, "packet") + " not seen any more from here on"
		if way.Next != "" {
			s += "; next would have been " + report.Clean(way.Next)
		}
		return s
	case trace.EndLeaves:
		return "leaves; no capture shows where it arrives"
	case trace.EndOpen:
		return "where it went on to can't be seen here"
	}
	return ""
}

// answer says what a node answers with.
func answer(e *fact.ICMPError) string {
	if e == nil {
		return "RST"
	}
	return "ICMP " + report.ICMPName(e)
}

// end writes who is at the bottom.
func (w *walk) end() {
	c := w.t.Connection
	w.y += 32
	name, at := "server ", c.Backend
	if !at.IsValid() {
		name, at = "called ", c.Called
	}
	w.text(nameX-10, w.y, "end", name+report.End(c.Proto, at))
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
		arrives := way.End == trace.EndDelivered || way.End == trace.EndHere || way.End == trace.EndLeaves
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

// words says in sentences what the drawing shows, for those who can't see it, and how it was made.
func (w *walk) words() {
	t := w.t
	for flow := range t.Ways {
		way := &t.Ways[flow]
		who := report.Sender(fact.Direction(flow))
		if len(way.Hops) == 0 {
			w.Steps = append(w.Steps, "No packet of the "+who+" was seen.")
			continue
		}
		for i := range way.Hops {
			w.Steps = append(w.Steps, w.sentence(way, i, who))
		}
		if said := ending(way); said != "" {
			w.Steps = append(w.Steps, "The "+who+"'s packets: "+said+".")
		}
	}
	if !t.Outline {
		w.Says = each(t.Conclusions(), report.Clean)
	}
	w.Says = append(w.Says, incidents(t.Connection, t.Captures)...)
	if t.Outline {
		w.Notes = append(w.Notes, "Numbers are sightings on each interface. This input could be read only once; in files the packets are "+
			"followed one by one, with times and losses.")
	} else {
		w.Notes = append(w.Notes, "Numbers are packets seen on each interface; times are medians since the view before.")
	}
	if t.Unkept > 0 {
		w.Notes = append(w.Notes, fmt.Sprintf("The walk is that of the first part: %s more frames were not looked at.", report.Count(t.Unkept)))
	}
	if t.Mixed {
		w.Notes = append(w.Notes, "The capture does not tell its interfaces apart (LINUX_SLL); capture with tcpdump 4.99 or later and -i any -y LINUX_SLL2.")
	}
}

func (w *walk) sentence(way *trace.Way, i int, who string) string {
	h := &way.Hops[i]
	proto := w.t.Connection.Proto
	var parts []string
	if i > 0 {
		s := &h.Step
		if s.Lost > 0 {
			parts = append(parts, fmt.Sprintf("%s before it", report.Many(s.Lost, "packet")+" lost"))
		}
		if s.Translated {
			parts = append(parts, "translated to "+report.End(proto, h.Src)+" → "+report.End(proto, h.Dst))
		}
		for k := range s.Unwrapped {
			parts = append(parts, "out of "+encap(&s.Unwrapped[k], false))
		}
		for k := range s.Wrapped {
			parts = append(parts, "in "+encap(&s.Wrapped[k], true))
		}
		if s.Median >= 0 {
			parts = append(parts, report.Took(s.Median)+" after the view before")
		}
	} else {
		parts = append(parts, report.End(proto, h.Src)+" → "+report.End(proto, h.Dst))
	}
	return fmt.Sprintf("The %s's packets at %s: %s seen%s.", who, report.Clean(report.View(h)), report.Count(uint64(h.Packets)),
		strings.TrimSuffix("; "+strings.Join(parts, "; "), "; "))
}

// onNode says which RST and ICMP errors were first seen on a node, beside what the lanes' ends say already.
func (w *walk) onNode(node string) []string {
	c := w.t.Connection
	here := func(r fact.Ref) bool {
		return r.Capture >= 0 && r.Capture < len(w.t.Captures) && report.Clean(w.t.Captures[r.Capture].Node) == node
	}
	refused := w.t.Ways[0].End == trace.EndRefused || w.t.Ways[1].End == trace.EndRefused
	var list []string
	if r := c.Reset; r != nil && here(r.Ref) && !refused {
		list = append(list, fmt.Sprintf("RST to the %s, first seen on this node", report.Sender(1-r.From)))
	}
	for i := range c.Errors {
		if e := &c.Errors[i]; here(e.Ref) && !refused && e.MTU == 0 {
			list = append(list, fmt.Sprintf("ICMP %s, first seen on this node", report.ICMPName(e)))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// incidents says what ended a connection, and which ICMP errors were about it.
func incidents(c *fact.Connection, captures []fact.Capture) []string {
	m := &maker{files: report.Names(captures)}
	at := func(time int64, r fact.Ref) string {
		return fmt.Sprintf(", %s after it began (%s, frame %d)", report.Took(max(time-c.Start, 0)), m.file(r.Capture), r.Frame)
	}
	var list []string
	if r := c.Reset; r != nil {
		from := "the server's side"
		if r.From == fact.ToServer {
			from = "the client's side"
		}
		if r.ByNode {
			from += ", made by a node"
		}
		list = append(list, fmt.Sprintf("RST from %s, %s → %s%s.", from, report.AddrPort(r.Src), report.AddrPort(r.Dst), at(r.Time, r.Ref)))
	}
	for i := range c.Errors {
		e := &c.Errors[i]
		list = append(list, fmt.Sprintf("ICMP %s from %s to %s%s.", report.ICMPName(e), report.Addr(e.Src), report.Addr(e.Dst), at(e.Time, e.Ref)))
	}
	return list
}
