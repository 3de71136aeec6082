package html

import (
	"fmt"
	"net/netip"
	"slices"
	"unicode/utf8"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
)

// row is an interface on the path, with the hop of each direction that was seen there; -1 for none. Hops of the way to the
// client are counted from its end, so that both directions count from the client on.
type row struct {
	hop  [2]int
	node string
}

// walk is a drawing in progress.
type walk struct {
	drawing
	t    *report.Trace
	rows []row
	y    int
	// lane is where the lanes are, note where the notes begin.
	lane [2]int
	note int
}

// draw makes a drawing of a walk: the interfaces from the client's end down to the server's, and a lane for each direction.
func draw(t *report.Trace, id string) *drawing {
	w := &walk{t: t, drawing: drawing{ID: id}}
	c := t.Connection
	w.Title = fmt.Sprintf("The way of connection %s, %s, from %s to %s: %s", report.Clean(c.ID), c.Proto, report.End(c.Proto, c.Client),
		report.End(c.Proto, c.Called), outcome(c))
	w.align()
	if len(w.rows) == 0 {
		return nil
	}
	w.columns()
	w.head()
	top := 0
	for i := range w.rows {
		begins := i == 0 || w.rows[i].node != w.rows[i-1].node
		if begins && i > 0 {
			w.closeNode(top)
		}
		w.gap(i, begins)
		if begins {
			top = w.y
			w.y += 24
			w.text(nameX-10, w.y-6, "node", w.rows[i].node)
			if !slices.ContainsFunc(w.rows[:i], func(r row) bool { return r.node == w.rows[i].node }) {
				w.incidents(i)
			}
		}
		w.row(i)
	}
	w.foot()
	w.closeNode(top)
	w.end()
	w.lanes()
	w.Height = w.y + 8
	w.words()
	return &w.drawing
}

// incidents writes beside a node's name what happened to the connection there.
func (w *walk) incidents(i int) {
	y := w.y - 6
	for _, said := range w.onNode(w.rows[i].node) {
		for _, l := range wrap(said, boldSize) {
			w.text(w.note, y, "bad", l)
			y += 15
		}
	}
	w.y = max(w.y, y-9)
}

// columns makes room for the names of the interfaces.
func (w *walk) columns() {
	longest, mtu := 24, 0
	for i := range w.rows {
		h := w.at(i)
		longest = max(longest, min(utf8.RuneCountInString(w.face(h)), nameSize))
		if h.MTU > 0 {
			mtu = 60
		}
	}
	w.lane[0] = nameX + int(float64(longest)*nameChar) + mtu + 24
	w.lane[1] = w.lane[0] + laneGap
	w.note = w.lane[1] + laneGap - 8
	w.Width = w.note + noteWidth
}

// at returns a hop of a row, that of the way to the server where there is one.
func (w *walk) at(i int) *trace.Hop {
	if r := &w.rows[i]; r.hop[0] >= 0 {
		return w.hop(0, r.hop[0])
	}
	return w.hop(1, w.rows[i].hop[1])
}

// face names an interface, with its index where another one on the path has the same name: of a pod that was replaced by one
// with its address, say.
func (w *walk) face(h *trace.Hop) string {
	s := trace.Face(h.Name, h.Role, h.Interface)
	for i := range w.rows {
		if x := w.at(i); x.Capture == h.Capture && x.Interface != h.Interface && trace.Face(x.Name, x.Role, x.Interface) == s {
			return report.Clean(fmt.Sprintf("%s, interface %d", s, h.Interface))
		}
	}
	return report.Clean(s)
}

func outcome(c *fact.Connection) string {
	s := c.Outcome.String()
	if c.Proto == fact.TCP && c.Outcome != fact.OK {
		s += " (" + c.Phase.String() + ")"
	}
	return s
}

// hop returns the hop of a direction, counted from the client's end, and its step from the view before it on its way.
func (w *walk) hop(flow, i int) *trace.Hop {
	hops := w.t.Ways[flow].Hops
	if flow == int(fact.ToClient) {
		i = len(hops) - 1 - i
	}
	return &hops[i]
}

// align puts the hops of both directions side by side where they are at the same interface: the longest common subsequence.
func (w *walk) align() {
	n, m := len(w.t.Ways[0].Hops), len(w.t.Ways[1].Hops)
	best := make([][]int, n+1)
	for i := range best {
		best[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for k := m - 1; k >= 0; k-- {
			best[i][k] = max(best[i+1][k], best[i][k+1])
			if samePlace(w.hop(0, i), w.hop(1, k)) {
				best[i][k] = max(best[i][k], best[i+1][k+1]+1)
			}
		}
	}
	add := func(i, k int) {
		flow, at := 0, i
		if i < 0 {
			flow, at = 1, k
		}
		w.rows = append(w.rows, row{[2]int{i, k}, report.Clean(w.hop(flow, at).Node)})
	}
	i, k := 0, 0
	for i < n || k < m {
		switch {
		case i < n && k < m && samePlace(w.hop(0, i), w.hop(1, k)) && best[i][k] == best[i+1][k+1]+1:
			add(i, k)
			i, k = i+1, k+1
		case k == m || i < n && best[i+1][k] >= best[i][k+1]:
			add(i, -1)
			i++
		default:
			add(-1, k)
			k++
		}
	}
}

func samePlace(a, b *trace.Hop) bool {
	return a.Capture == b.Capture && a.Interface == b.Interface && a.Name == b.Name && len(a.Encap) == len(b.Encap)
}

// head writes who is at the top, and what the lanes are.
func (w *walk) head() {
	c := w.t.Connection
	w.y = 20
	w.text(nameX-10, w.y, "end", "client "+report.End(c.Proto, c.Client))
	w.y += 20
	for flow, name := range [2]string{"to server", "to client"} {
		if len(w.t.Ways[flow].Hops) == 0 {
			name += ": none"
		}
		w.text(w.lane[flow], w.y, "lane-head", name)
	}
	w.y += 8
}

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
	var down, up *trace.Step
	var from, to *trace.Hop
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
			say("bad", "comes back, having left the node")
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
			say("bad", "replies come back, having left the node")
		}
		w.lost(say, 1, up, a)
	}
	return notes
}

// lost says what vanished in a step.
func (w *walk) lost(say func(class, format string, args ...any), flow int, s *trace.Step, before *trace.Hop) {
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

// encapNames is how encapsulations are written in prose.
var encapNames = map[decode.EncapKind]string{
	decode.EncapVXLAN: "VXLAN", decode.EncapGeneve: "Geneve", decode.EncapGRE: "GRE", decode.Encap4in4: "IP-in-IP", decode.Encap6in4: "6in4",
	decode.Encap4in6: "4in6", decode.Encap6in6: "IPv6-in-IPv6", decode.EncapWireGuard: "WireGuard",
}

// encap describes an encapsulation.
func encap(e *fact.Encap, whole bool) string {
	s := encapNames[e.Kind]
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
		return "on the wire, encrypted: nothing can be seen of it"
	}
	return "on the wire"
}

// step marks losses on a lane, or else says how long the way between two rows took.
func (w *walk) step(x, y int, s *trace.Step) {
	if s.Lost > 0 {
		w.Marks = append(w.Marks, cross{x, y - 4})
	}
	if s.Median >= 0 {
		w.text(x+12, y, "time", report.Took(s.Median))
	}
}

// row draws an interface and how many packets it showed.
func (w *walk) row(i int) {
	w.y += 16
	r := &w.rows[i]
	h := w.at(i)
	for flow, x := range w.lane {
		if r.hop[flow] < 0 {
			continue
		}
		hop := w.hop(flow, r.hop[flow])
		w.Dots = append(w.Dots, dot{x, w.y - 4, "dot"})
		w.text(x+9, w.y, "count", report.Count(uint64(hop.Packets)))
	}
	w.text(nameX, w.y, "face", short(w.face(h), nameSize))
	if h.MTU > 0 {
		w.text(w.lane[0]-10, w.y, "mtu", fmt.Sprintf("mtu %d", h.MTU))
	}
	proto := w.t.Connection.Proto
	if i == 0 || h.Step.Translated || r.hop[0] == 0 {
		for k, l := range wrap(report.End(proto, h.Src)+" → "+report.End(proto, h.Dst), noteSize) {
			if k > 0 {
				w.y += 15
			}
			w.text(w.note, w.y, "addresses", l)
		}
	}
	for flow := range w.lane {
		if r.hop[flow] >= 0 {
			w.others(w.hop(flow, r.hop[flow]), fact.Direction(flow))
		}
	}
	w.y += 4
}

// others says that some packets had other addresses at a hop than most.
func (w *walk) others(h *trace.Hop, flow fact.Direction) {
	if h.Other == 0 {
		return
	}
	class, said := "change", report.Many(h.Other, "other")
	if w.t.Connection.Untranslated {
		class = "bad"
	}
	if flow == fact.ToClient {
		said = "replies: " + said
	}
	proto := w.t.Connection.Proto
	for _, l := range wrap(said+", "+report.End(proto, h.OtherSrc)+" → "+report.End(proto, h.OtherDst), boldSize) {
		w.y += 15
		w.text(w.note, w.y, class, l)
	}
}

func (w *walk) closeNode(top int) {
	w.y += 8
	w.Boxes = append(w.Boxes, box{6, top, w.Width - 12, w.y - top})
}
