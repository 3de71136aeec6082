package html

import (
	"cmp"
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
)

// changes says what was done to the packets between a row and the one above it.
func (w *walk) changes(i int) (notes []label) {
	say := func(class, format string, args ...any) {
		size := noteSize
		if class == "bad" {
			size = boldSize
		}
		for _, l := range wrap(fmt.Sprintf(format, args...), size) {
			notes = append(notes, label{Class: class, Text: l})
		}
	}
	r := &w.rows[i]
	proto := w.t.Connection.Proto
	var down, up *fact.Step
	var from, to *fact.Hop
	if h := r.hop[0]; h > 0 {
		from, to = w.hop(0, h-1), w.hop(0, h)
		down = &to.Step
	}
	if h := r.hop[1]; h > 0 {
		up = &w.hop(1, h-1).Step
	}
	translated := false
	if down != nil {
		if down.Back {
			say("bad", "comes back after leaving the node")
		}
		for k := range down.Unwrapped {
			say("change", "− %s", encap(&down.Unwrapped[k], false))
		}
		translated = down.Translated
		if from.Dst != to.Dst {
			say("change", "DNAT %s → %s", report.End(proto, from.Dst), report.End(proto, to.Dst))
		}
		if from.Src != to.Src {
			say("change", "SNAT %s → %s", report.End(proto, from.Src), report.End(proto, to.Src))
		}
		for k := range down.Wrapped {
			say("change", "+ %s", encap(&down.Wrapped[k], true))
		}
		if down.Split {
			say("dim", "cut into segments")
		}
		if down.Merged {
			say("dim", "segments put together")
		}
		w.lost(say, 0, down, from)
	}
	if up != nil {
		a, b := w.hop(1, r.hop[1]), w.hop(1, r.hop[1]-1)
		if up.Translated && !translated {
			if a.Dst != b.Dst {
				say("change", "replies: destination %s → %s", report.End(proto, a.Dst), report.End(proto, b.Dst))
			}
			if a.Src != b.Src {
				say("change", "replies: source %s → %s", report.End(proto, a.Src), report.End(proto, b.Src))
			}
		}
		if down == nil {
			for k := range up.Unwrapped {
				say("change", "replies: − %s", encap(&up.Unwrapped[k], false))
			}
			for k := range up.Wrapped {
				say("change", "replies: + %s", encap(&up.Wrapped[k], true))
			}
		}
		if up.Back {
			say("bad", "replies come back after leaving the node")
		}
		w.lost(say, 1, up, a)
	}
	return notes
}

// lost says what vanished in a step.
func (w *walk) lost(say func(class, format string, args ...any), flow int, s *fact.Step, before *fact.Hop) {
	whose := report.Sender(fact.Direction(flow))
	if s.Lost > 0 {
		say("bad", "%s of the %s %s here%s", report.Many(s.Lost, "packet"), whose, report.Vanish(s.Lost), report.Sizes(before, s))
	}
	for k := range s.Errors {
		if e := &s.Errors[k]; e.MTU > 0 {
			say("bad", "%s answers: at most %d bytes", report.Addr(e.Src), e.MTU)
		}
	}
	if s.Unknown > 0 {
		say("dim", "%s of the %s as a capture was about to end", report.Many(s.Unknown, "packet"), whose)
	}
}

// shortNames are for a drawing, in which there is little room.
var shortNames = map[decode.EncapKind]string{
	decode.Encap4in4: "IP-in-IP", decode.Encap6in4: "6in4", decode.Encap4in6: "4in6", decode.Encap6in6: "IPv6-in-IPv6",
}

// encap describes an encapsulation.
func encap(e *fact.Encap, whole bool) string {
	s := cmp.Or(shortNames[e.Kind], e.Kind.Name())
	if report.HasVNI(e) {
		s += fmt.Sprintf(" %d", e.VNI)
	}
	if !whole {
		return s
	}
	s += fmt.Sprintf(", %s → %s", report.Addr(e.Src), report.AddrPort(netip.AddrPortFrom(e.Dst, e.Port)))
	if e.Overhead > 0 {
		s += fmt.Sprintf(", %d bytes", e.Overhead)
	}
	return s
}

// gap draws what lies above a row: changes, times, crosses. Between nodes it is the network.
func (w *walk) gap(i int, wire bool) {
	if i == 0 {
		w.y += 18
		w.home()
		return
	}
	notes := w.changes(i)
	if wire {
		notes = append([]label{{Class: "dim", Text: w.wire(i)}}, notes...)
	}
	top := w.y
	w.y += 6
	for k := range notes {
		w.y += 15
		w.text(w.note, w.y, notes[k].Class, notes[k].Text)
	}
	w.y = max(w.y+8, top+20)
	middle := (top+w.y)/2 + 4
	r := &w.rows[i]
	if h := r.hop[0]; h > 0 {
		w.step(w.lane[0], middle, &w.hop(0, h).Step)
	}
	if h := r.hop[1]; h > 0 {
		w.step(w.lane[1], middle, &w.hop(1, h-1).Step)
	}
}

// wire says how packets go from one node to the next.
func (w *walk) wire(i int) string {
	if h := w.rows[i].hop[0]; h > 0 && w.hop(0, h).Step.Hidden {
		return "on the wire, encrypted, so it can't be seen"
	}
	return "on the wire"
}

// step marks losses on a lane, or else says how long the way between two rows took.
func (w *walk) step(x, y int, s *fact.Step) {
	if s.Lost > 0 {
		w.Marks = append(w.Marks, cross{x, y - 4})
	}
	if s.Median >= 0 {
		w.text(x+12, y, "time", report.Took(s.Median))
	}
}
