package html

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// walk is a drawing in progress.
type walk struct {
	drawing
	t    *report.Walk
	rows []row
	y    int
	// lane is where the lanes are, note where the notes begin.
	lane [2]int
	note int
}

// draw makes a drawing of a walk: the interfaces from the client's end down to the server's, and a lane for each direction.
func draw(t *report.Walk, id string) *drawing {
	w := &walk{t: t, drawing: drawing{ID: id}}
	c := t.Connection
	w.Title = fmt.Sprintf("The path of connection %s, %s, from %s to %s: %s", report.Clean(c.ID), c.Proto, report.End(c.Proto, c.Client),
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
	w.Narrow = w.narrow()
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

// face names an interface, with its index where another one on the path has the same name: of a pod that was replaced by one
// with its address, say.
func (w *walk) face(h *fact.Hop) string {
	s := report.Face(h.Name, h.Role, h.Interface)
	for i := range w.rows {
		if x := w.at(i); x.Capture == h.Capture && x.Interface != h.Interface && report.Face(x.Name, x.Role, x.Interface) == s {
			return report.Clean(fmt.Sprintf("%s, interface %d", s, h.Interface))
		}
	}
	return report.Clean(s)
}

func outcome(c *fact.Connection) string {
	s := c.Outcome.String()
	if c.Proto.Opens() && c.Outcome != fact.OK {
		s += " (" + c.Phase.String() + ")"
	}
	return s
}

// head writes the client at the top, and names the lanes.
func (w *walk) head() {
	c := w.t.Connection
	w.y = 20
	w.text(nameX-10, w.y, "end", short("client "+report.Named(report.Parties(c.Objects).Client, report.End(c.Proto, c.Client)), partySize))
	w.y += 20
	for flow, name := range [2]string{"to server", "to client"} {
		if len(w.t.Ways[flow].Hops) == 0 {
			name += ": none"
		}
		w.text(w.lane[flow], w.y, "lane-head", name)
	}
	w.y += 8
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
func (w *walk) others(h *fact.Hop, flow fact.Direction) {
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
