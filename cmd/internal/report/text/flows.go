package text

import (
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// sampleRows is how many rows a streamed table looks at to choose its columns. Later rows may be wider: they then stand
// out of line, which is better than to hold a million rows back.
const sampleRows = 500

// Flows writes connections as a table.
type Flows struct {
	w      io.Writer
	p      *page
	t      table
	layout *layout
	// outcomes and resent are what the last line sums up.
	outcomes [fact.OneWay + 1]uint64
	resent   uint64
	// among is how many there were to select from, 0 where all were listed.
	among uint64
}

// NewFlows returns a handler that writes to w.
func NewFlows(w io.Writer, o Options) *Flows {
	h := &Flows{w: w, p: newPage(o, nil)}
	h.t = table{heads: &h.p.dim, cols: []column{
		{head: "START", drop: 6},
		{head: "ID", drop: 1},
		{head: "PROTO", drop: 5},
		{head: "CLIENT"},
		{head: "SERVICE"},
		{head: "BACKEND"},
		{head: "VIA", drop: 3},
		{head: "OUTCOME"},
		{head: "PKTS", right: true},
		{head: "BYTES", right: true, drop: 4},
		{head: "RTX", right: true, drop: 2},
		{head: "TIME", right: true},
	}}
	return h
}

// Connection writes c, or keeps it until the columns are known.
func (h *Flows) Connection(c *fact.Connection) error {
	to, from := &c.Flow[fact.ToServer], &c.Flow[fact.ToClient]
	resent := to.Retransmissions + from.Retransmissions
	h.outcomes[c.Outcome]++
	h.resent += resent
	o := report.Parties(c.Objects)
	row := plain(report.Clock(c.Start), report.Clean(c.ID), c.Proto.String(), report.Named(o.Client, report.End(c.Proto, c.Client)),
		dash(report.Named(o.Service, report.End(c.Proto, c.Service))), dash(report.Named(o.Backend, report.End(c.Proto, c.Backend))), dash(via(c)), c.Outcome.String(), short(to.Packets+from.Packets), short(to.Bytes+from.Bytes),
		uintText(resent), report.Took(c.End-c.Start))
	row[0].style, row[1].style = &h.p.dim, &h.p.dim
	row[7].style = h.outcome(c.Outcome)
	if resent > 0 {
		row[10].style = &h.p.bold
	}
	h.t.rows = append(h.t.rows, row)
	if h.layout != nil || len(h.t.rows) >= sampleRows {
		return h.flush()
	}
	return nil
}

func (h *Flows) outcome(o fact.Outcome) *lipgloss.Style {
	switch o {
	case fact.OK:
		return &h.p.ok
	case fact.Refused, fact.Unreachable, fact.ResetOutcome, fact.Hang:
		return &h.p.critical
	}
	return nil
}

// via names the encapsulations of a connection's path, outermost first.
func via(c *fact.Connection) string {
	var most []fact.Encap
	for i := range c.Legs {
		if len(c.Legs[i].Encap) > len(most) {
			most = c.Legs[i].Encap
		}
	}
	names := make([]string, len(most))
	for i := range most {
		names[i] = most[i].Kind.String()
	}
	return strings.Join(names, "+")
}

// flush writes the rows held.
func (h *Flows) flush() error {
	first := h.layout == nil
	if first {
		l := h.t.fit(h.p.table())
		h.layout = &l
	}
	if h.layout.fits {
		h.t.render(&h.p.Builder, *h.layout, first)
	} else {
		h.stack()
	}
	h.t.rows = h.t.rows[:0]
	return h.p.to(h.w)
}

// stack writes rows as two or three short lines, where the addresses alone are wider than the terminal.
func (h *Flows) stack() {
	for _, r := range h.t.rows {
		h.p.stations("", slices.DeleteFunc([]string{r[3].text, r[4].text, r[5].text}, func(s string) bool { return s == "-" }))
		outcome, resent := r[7].text, ""
		if r[10].text != "0" {
			resent = r[10].text + " resent"
		}
		if r[7].style != nil {
			outcome = r[7].style.Render(outcome)
		}
		h.p.parts("    ", outcome, r[2].text, strings.TrimPrefix(r[6].text, "-"), r[8].text+" packets", r[9].text+" bytes", resent, r[11].text)
	}
}

// Of says how many connections those that are listed were selected from. It must be called before Close.
func (h *Flows) Of(n uint64) { h.among = n }

// Close writes the rows held and the sum.
func (h *Flows) Close() error {
	var total uint64
	var parts []string
	for _, o := range []fact.Outcome{fact.OK, fact.Refused, fact.Unreachable, fact.ResetOutcome, fact.Hang, fact.OneWay, fact.Unfinished} {
		if n := h.outcomes[o]; n > 0 {
			total += n
			parts = append(parts, report.Count(n)+" "+o.String())
		}
	}
	if total == 0 {
		said := "No connection was seen."
		if h.among > 0 {
			said = "None of " + report.Many(h.among, "connection") + " matches."
		}
		h.p.line(said)
		return h.p.to(h.w)
	}
	if len(h.t.rows) > 0 {
		if err := h.flush(); err != nil {
			return err
		}
	}
	h.p.line()
	h.p.parts("", report.Many(total, "connection")+": "+strings.Join(parts, ", "), report.Many(h.resent, "retransmission"))
	h.p.hidden(h.layout)
	h.p.redacted(h.p.Redacted)
	return h.p.to(h.w)
}

// hidden says what a table had no room for.
func (p *page) hidden(l *layout) {
	if l == nil || !l.fits || len(l.hidden) == 0 {
		return
	}
	slices.Sort(l.hidden)
	p.para("", "", "Not shown at this width: "+strings.Join(l.hidden, ", ")+". A wider terminal, --width or -o csv shows them.")
}
