package text

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// borders are the signs that the walk is drawn with.
type borders struct {
	top, side, bottom, dash, hop, wire, lost, end string
}

var (
	boxes = borders{top: "┌─", side: "│", bottom: "└─", dash: "─", hop: "●", wire: "┆", lost: "✗", end: "▶"}
	// plainSigns are for terminals and pipes without box drawing.
	plainSigns = borders{top: "+-", side: "|", bottom: "+-", dash: "-", hop: "o", wire: ":", lost: "X", end: ">"}
)

// walk is a walk being drawn.
type walk struct {
	*page
	signs borders
	t     *report.Walk
	// columns is the width of the drawing, face that of the interfaces' names.
	columns, face int
}

const (
	// numbers is the width of the columns at the right: packets, size, median, worst.
	numbers = 4 * 8
	// widest is where the drawing stops growing, narrowest where it stops shrinking.
	widest, narrowest = 160, 64
)

// Trace draws the walk of a connection.
func Trace(w io.Writer, t *report.Walk, o Options) error {
	if t.Connection == nil {
		_, err := io.WriteString(w, "No connection was seen.\n")
		return err
	}
	p := &walk{page: newPage(o, t.Captures), signs: boxes, t: t}
	if o.Plain {
		p.signs = plainSigns
	}
	p.columns = min(max(o.Width, narrowest), widest)
	if o.Width == 0 {
		p.columns = 100
	}
	for i := range t.Ways {
		for k := range t.Ways[i].Hops {
			p.face = max(p.face, width(face(&t.Ways[i].Hops[k])))
		}
	}
	p.face = min(p.face, p.columns-numbers-6)
	if p.columns >= wide { // no wider than it must be
		longest := 0
		for i := range t.Ways {
			for k := range t.Ways[i].Hops {
				longest = max(longest, width(p.place(&t.Ways[i].Hops[k])))
			}
		}
		p.columns = min(p.columns, max(wide, 6+p.face+longest+2+numbers))
	}
	p.head()
	for flow := range t.Ways {
		p.way(fact.Direction(flow))
	}
	p.cost()
	p.redacted(t.Redacted)
	return p.to(w)
}

// face is an interface with the direction, as a hop begins.
func face(h *fact.Hop) string {
	return strings.TrimSpace(fmt.Sprintf("%-3s %s", report.Way(h.Dir), report.Clean(report.Face(h.Name, h.Role, h.Interface))))
}

func (p *walk) head() {
	c := p.t.Connection
	var names []string
	o := report.Parties(c.Objects)
	called := o.Service
	if !c.Service.IsValid() {
		called = o.Backend
	}
	for _, a := range []string{
		report.Named(o.Client, report.End(c.Proto, c.Client)), report.Named(called, report.End(c.Proto, c.Called)), report.Named(o.Backend, report.End(c.Proto, c.Backend)),
	} {
		if a != "" && (len(names) == 0 || names[len(names)-1] != a) {
			names = append(names, a)
		}
	}
	p.line(p.bold.Render(report.Clean(c.ID)), "  ", c.Proto.String(), "  ", p.outcomeOf(c))
	p.stations("  ", names)
	if p.t.Chosen != "" {
		p.para("  ", "  ", p.t.Chosen)
	}
	p.line()
	for _, s := range p.t.Conclusions() {
		p.para("  ", "  ", s)
	}
}

func (p *walk) outcomeOf(c *fact.Connection) string {
	s := c.Outcome.String()
	if c.Proto.Opens() && c.Outcome != fact.OK {
		s += " (" + c.Phase.String() + ")"
	}
	switch c.Outcome {
	case fact.OK:
		return p.ok.Render(s)
	case fact.Refused, fact.Unreachable, fact.ResetOutcome, fact.Hang:
		return p.critical.Render(s)
	}
	return s
}

// way draws one direction.
func (p *walk) way(flow fact.Direction) {
	w := &p.t.Ways[flow]
	p.line()
	head := fmt.Sprintf("To the %s", report.Sender(1-flow))
	if w.Packets == 0 {
		p.line(p.bold.Render(head), ": no packet was seen")
		return
	}
	sum := report.Many(w.Packets, "packet")
	if w.Again > 0 {
		sum += fmt.Sprintf(", %d of them sent again", w.Again)
	}
	p.line(p.bold.Render(head), ": ", sum, ", ", short(w.Bytes), " bytes of payload")
	for h := range w.Hops {
		hop := &w.Hops[h]
		if h == 0 || hop.Step.Wire {
			p.node(hop, h == 0)
		}
		p.changes(w, h)
		p.hop(w, h)
		if h+1 < len(w.Hops) {
			p.vanished(&w.Hops[h+1].Step, hop)
		}
		if h+1 == len(w.Hops) || w.Hops[h+1].Step.Wire {
			p.close(w, h, p.t.Heard(flow))
		}
	}
	for i := range w.Copies {
		p.para("  ", "  ", "A copy was also seen at "+report.View(&w.Copies[i])+": it was sent out of all ports.")
	}
}

// node draws the upper border of a node.
func (p *walk) node(h *fact.Hop, first bool) {
	s := p.signs.top + " " + report.Clean(h.Node) + " "
	heads := ""
	if first {
		heads = " " + pad("packets", 8, true) + pad("size", 8, true) + pad("median", 8, true) + pad("worst", 8, true)
	}
	fill := p.columns - width(s) - width(heads) - 2
	p.line("  ", p.dim.Render(p.signs.top), " ", p.bold.Render(report.Clean(h.Node)), " ",
		p.dim.Render(strings.Repeat(p.signs.dash, max(0, fill))+heads))
}

// close draws what is below the last hop of a node: how the way ends, or the wire to the next node.
func (p *walk) close(w *fact.Way, h int, heard string) {
	if h+1 < len(w.Hops) {
		p.line("  ", p.dim.Render(p.signs.bottom+strings.Repeat(p.signs.dash, 4)))
		next := &w.Hops[h+1].Step
		what := "on the wire"
		if next.Hidden {
			what = "encrypted on the wire, where it can't be seen"
		}
		p.line("  ", p.dim.Render("  "+p.signs.wire+" "+what))
		return
	}
	last := &w.Hops[h]
	mark, said := p.ok.Render(p.signs.end), ""
	switch w.End {
	case fact.EndDelivered:
		said = "to " + p.receiver(last)
	case fact.EndHere:
		said = "to " + last.Node + " itself"
	case fact.EndLeaves:
		said = "leaves; no capture shows where it arrives"
		if heard != "" {
			said = "leaves these captures; " + heard
		}
	case fact.EndOpen:
		mark, said = "?", "where it went next can't be seen here"
	case fact.EndRefused:
		mark, said = p.critical.Render(p.signs.lost), p.critical.Render(last.Node+" answers itself: "+answer(p.t.Connection.Proto, w.Answer))
	case fact.EndLoop:
		mark, said = p.critical.Render(p.signs.lost), p.critical.Render("loops until its TTL runs out")
	case fact.EndVanish:
		mark, said = p.critical.Render(p.signs.lost), p.critical.Render(report.Many(last.Packets, "packet")+" not seen beyond this point")
	}
	p.line("  ", p.dim.Render(p.signs.side), " ", mark, " ", said)
	if next := report.Next(w); w.End == fact.EndVanish && next != "" {
		p.line("  ", p.dim.Render(p.signs.side), "   next would have been: ", report.Clean(next))
	}
	p.line("  ", p.dim.Render(p.signs.bottom+strings.Repeat(p.signs.dash, 4)))
}

// receiver names who a way leads to.
func (p *walk) receiver(last *fact.Hop) string {
	c := p.t.Connection
	o := report.Parties(c.Objects)
	to := last.Dst.Addr()
	switch to {
	case c.Client.Addr():
		return report.Named(o.Client, report.Addr(to))
	case c.Backend.Addr():
		return report.Named(o.Backend, report.Addr(to))
	}
	return report.Addr(to)
}

// answer says what a node answers with.
func answer(p fact.Proto, e *fact.ICMPError) string {
	switch {
	case e == nil:
		return p.Terms().Abort
	case e.PortUnreachable():
		return "ICMP port-unreachable"
	case e.Prohibited():
		return "ICMP, a filter prohibits it"
	case e.TimeExceeded():
		return "ICMP time-exceeded"
	}
	return "ICMP unreachable"
}

// changes draws what was done to packets on their way to hop h: addresses, encapsulation, size.
func (p *walk) changes(w *fact.Way, h int) {
	hop := &w.Hops[h]
	s := &hop.Step
	say := func(parts ...string) {
		p.line(append([]string{"  ", p.dim.Render(p.signs.side + " " + p.signs.side), "   "}, parts...)...)
	}
	if h == 0 {
		if p.columns < wide {
			say(p.addresses(hop))
		}
		return
	}
	before := &w.Hops[h-1]
	if s.Back {
		p.line("  ", p.dim.Render(p.signs.side+" "+p.signs.wire), "   ", p.critical.Render("and comes back"))
	}
	for i := range s.Unwrapped {
		say("- ", encapText(&s.Unwrapped[i], false))
	}
	if s.Translated {
		proto := p.t.Connection.Proto
		if before.Src != hop.Src {
			say(p.info.Render("source      "), report.End(proto, before.Src), p.arrow(), report.End(proto, hop.Src))
		}
		if before.Dst != hop.Dst {
			say(p.info.Render("destination "), report.End(proto, before.Dst), p.arrow(), report.End(proto, hop.Dst))
		}
	}
	for i := range s.Wrapped {
		say("+ ", encapText(&s.Wrapped[i], true))
	}
	if s.Split {
		say("cut into segments")
	}
	if s.Merged {
		say("segments put together")
	}
}

func (p *walk) arrow() string {
	if p.Plain {
		return " -> "
	}
	return " → "
}

func (p *walk) addresses(h *fact.Hop) string {
	proto := p.t.Connection.Proto
	return report.End(proto, h.Src) + p.arrow() + report.End(proto, h.Dst)
}

// encapText describes an encapsulation put on or taken off.
func encapText(e *fact.Encap, sizes bool) string {
	s := e.Kind.String()
	if report.HasVNI(e) {
		s += " " + uintText(uint64(e.VNI))
	}
	if !sizes {
		return s
	}
	s += ", " + report.Addr(e.Src) + " to " + report.AddrPort(netip.AddrPortFrom(e.Dst, e.Port))
	if e.Overhead > 0 {
		s += ", " + uintText(uint64(e.Overhead)) + " bytes"
	}
	return s
}

// wide is from which width on each hop has its addresses beside it.
const wide = 120

// hop draws the line of one hop.
func (p *walk) hop(w *fact.Way, h int) {
	hop := &w.Hops[h]
	name := pad(cut(face(hop), p.face), p.face, false)
	middle := ""
	room := p.columns - 6 - p.face - numbers
	if p.columns >= wide {
		middle = cut(p.place(hop), room)
	}
	size := hop.Largest
	if len(hop.Encap) > 0 {
		size = hop.LargestOuter
	}
	times := pad("", 16, true)
	if h > 0 {
		times = pad(known(hop.Step.Median), 8, true) + pad(known(hop.Step.Worst), 8, true)
	}
	packets := pad(report.Count(uint64(hop.Packets)), 8, true)
	if hop.Packets < w.Packets && h > 0 && hop.Packets < w.Hops[h-1].Packets && hop.Step.Lost > 0 {
		packets = strings.Repeat(" ", max(0, 8-width(report.Count(uint64(hop.Packets))))) + p.critical.Render(report.Count(uint64(hop.Packets)))
	}
	line := "  " + p.dim.Render(p.signs.side) + " " + p.mark(hop) + " " + name + pad(middle, max(room, 0), false) + packets +
		p.dim.Render(pad(dash(positiveText(size)), 8, true)) + times
	p.line(strings.TrimRight(line, " "))
	if hop.Other > 0 {
		proto := p.t.Connection.Proto
		said := report.Many(hop.Other, "sighting") + " of other addresses: "
		if p.t.Connection.Untranslated {
			said = p.critical.Render(said)
		}
		p.line("  ", p.dim.Render(p.signs.side+" "+p.signs.side), "   ", said, report.End(proto, hop.OtherSrc), p.arrow(), report.End(proto, hop.OtherDst))
	}
}

// place is what a wide drawing has beside an interface: the packets' addresses there, and its MTU.
func (p *walk) place(h *fact.Hop) string {
	s := "  " + p.addresses(h)
	if h.MTU > 0 {
		s += fmt.Sprintf("  mtu %d", h.MTU)
	}
	return s
}

func (p *walk) mark(h *fact.Hop) string {
	if h.Role.Kind == fact.Veth {
		return p.ok.Render(p.signs.hop)
	}
	return p.info.Render(p.signs.hop)
}

func positiveText(n uint32) string {
	if n == 0 {
		return ""
	}
	return uintText(uint64(n))
}

// known returns a time, a dash where it is not known.
func known(ns int64) string {
	if ns < 0 {
		return "-"
	}
	return report.Took(ns)
}

// vanished draws what vanished behind a hop.
func (p *walk) vanished(s *fact.Step, before *fact.Hop) {
	if s.Lost == 0 && s.Unknown == 0 {
		return
	}
	side := "  " + p.dim.Render(p.signs.side) + " "
	if s.Lost > 0 {
		said := report.Many(s.Lost, "packet") + " " + report.Vanish(s.Lost) + " here" + report.Sizes(before, s)
		for i, l := range Wrap(said, p.columns-8) {
			if i == 0 {
				p.line(side, p.critical.Render(p.signs.lost+" "+l))
			} else {
				p.line(side, "  ", p.critical.Render(l))
			}
		}
		p.line(side, "  first: ", p.ref(s.LostFirst))
		for i := range s.Errors {
			if e := &s.Errors[i]; e.MTU > 0 {
				p.line(side, "  ", report.Addr(e.Src), " answers: at most ", uintText(uint64(e.MTU)), " bytes")
			}
		}
	}
	if s.Unknown > 0 {
		p.line(side, "? ", report.Many(s.Unknown, "packet"), " as a capture was about to end")
	}
}

// cost writes what the path takes of each packet.
func (p *walk) cost() {
	c := &p.t.Cost
	p.line()
	p.line(p.bold.Render("What the path costs"))
	if c.Overhead > 0 {
		p.para("  ", "  ", fmt.Sprintf("Encapsulation adds %d bytes to each packet.", c.Overhead))
	} else {
		p.para("  ", "  ", "No encapsulation was seen.")
	}
	if c.MSS[0] > 0 || c.MSS[1] > 0 {
		said := "Segment size (MSS) announced:"
		for flow, mss := range c.MSS {
			if mss > 0 {
				said += fmt.Sprintf(" %d by the %s,", mss, report.Sender(fact.Direction(flow)))
			}
		}
		p.para("  ", "  ", strings.TrimSuffix(said, ",")+".")
	}
	for flow, n := range c.Segment {
		if n > 0 {
			p.para("  ", "  ", fmt.Sprintf("The largest acknowledged segment from the %s has %d bytes.", report.Sender(fact.Direction(flow)), n))
		}
	}
	if said := p.mtus(); said != "" {
		p.para("  ", "  ", said)
	}
	if c.MTU > 0 {
		p.para("  ", "  ", fmt.Sprintf("%s demands packets of at most %d bytes.", c.Of, c.MTU))
	}
	var errors []string
	for i := range p.t.Captures {
		if k := &p.t.Captures[i].Clock; k.Samples > 0 {
			errors = append(errors, fmt.Sprintf("%s is %s, give or take %s", p.files[i], ahead(k.Offset), report.Took(k.Error)))
		}
	}
	if len(errors) > 0 {
		p.para("  ", "  ", "Clocks: "+strings.Join(errors, "; ")+". This is corrected; times smaller than the error are not shown.")
	}
	p.para("  ", "  ", "Size is that of the largest packet seen (GSO packets left out), in bytes, with its encapsulation; times are since the previous place.")
	if p.t.Unkept > 0 {
		p.para("  ", "  ", fmt.Sprintf("Only the first part is shown: %s more frames were not looked at.", report.Count(p.t.Unkept)))
	}
	if p.t.Mixed {
		p.para("  ", "  ", "The capture does not tell its interfaces apart (LINUX_SLL); capture with tcpdump 4.99 or later and -i any -y LINUX_SLL2.")
	}
}

// mtus lists the MTUs that are known of the interfaces on the path, "" for none.
func (p *walk) mtus() string {
	var list []string
	for i := range p.t.Ways {
		for k := range p.t.Ways[i].Hops {
			h := &p.t.Ways[i].Hops[k]
			if h.MTU == 0 {
				continue
			}
			name := h.Name
			if name == "" {
				name = report.Face(h.Name, h.Role, h.Interface)
			}
			if s := fmt.Sprintf("%s %s %d", h.Node, name, h.MTU); !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "MTU of the interfaces: " + strings.Join(list, ", ") + "."
}

// ahead says how far a clock is off.
func ahead(ns int64) string {
	switch {
	case ns < 0:
		return report.Took(-ns) + " behind"
	case ns == 0:
		return "right"
	}
	return report.Took(ns) + " ahead"
}
