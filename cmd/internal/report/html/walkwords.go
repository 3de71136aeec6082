package html

import (
	"fmt"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// words says in sentences what the drawing shows, for those who can't see it, and how it was made.
func (w *walk) words() {
	t := w.t
	for flow := range t.Ways {
		way := &t.Ways[flow]
		who := report.Sender(fact.Direction(flow))
		if len(way.Hops) == 0 {
			w.Steps = append(w.Steps, "No packet from the "+who+" was seen.")
			continue
		}
		for i := range way.Hops {
			w.Steps = append(w.Steps, w.sentence(way, i, who))
		}
		if said := ending(t.Connection.Proto, way); said != "" {
			w.Steps = append(w.Steps, "The "+who+"'s packets: "+said+".")
		}
	}
	if !t.Outline {
		w.Says = each(t.Conclusions(), report.Clean)
	}
	w.Says = append(w.Says, incidents(t.Connection, t.Captures)...)
	if t.Outline {
		w.Notes = append(w.Notes, "Numbers are packets counted on each interface. This input could be read only once; in files the packets are "+
			"followed one by one, with times and losses.")
	} else {
		w.Notes = append(w.Notes, "Numbers are packets seen on each interface; times are medians since the previous one.")
	}
	if t.Unkept > 0 {
		w.Notes = append(w.Notes, fmt.Sprintf("Only the first part is shown: %s more frames were not looked at.", report.Count(t.Unkept)))
	}
	if t.Mixed {
		w.Notes = append(w.Notes, "The capture does not tell its interfaces apart (LINUX_SLL); capture with tcpdump 4.99 or later and -i any -y LINUX_SLL2.")
	}
}

func (w *walk) sentence(way *fact.Way, i int, who string) string {
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
			parts = append(parts, report.Took(s.Median)+" after the previous interface")
		}
	} else {
		parts = append(parts, report.End(proto, h.Src)+" → "+report.End(proto, h.Dst))
	}
	return fmt.Sprintf("The %s's packets at %s: %s seen%s.", who, report.Clean(report.View(h)), report.Count(uint64(h.Packets)),
		strings.TrimSuffix("; "+strings.Join(parts, "; "), "; "))
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
		list = append(list, fmt.Sprintf("%s from %s, %s → %s%s.", c.Proto.Terms().Abort, from, report.AddrPort(r.Src), report.AddrPort(r.Dst), at(r.Time, r.Ref)))
	}
	for i := range c.Errors {
		e := &c.Errors[i]
		list = append(list, fmt.Sprintf("ICMP %s from %s to %s%s.", report.ICMPName(e), report.Addr(e.Src), report.Addr(e.Dst), at(e.Time, e.Ref)))
	}
	return list
}
