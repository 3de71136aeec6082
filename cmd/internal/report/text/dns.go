package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// Lookups writes name lookups as a table, and under each one what its resolver tried in vain.
type Lookups struct {
	w      io.Writer
	p      *page
	t      table
	tried  [][]string // beside each row of t
	layout *layout
	count  uint64
}

// NewLookups returns a handler that writes to w.
func NewLookups(w io.Writer, o Options) *Lookups {
	h := &Lookups{w: w, p: newPage(o, nil)}
	h.t = table{heads: &h.p.dim, cols: []column{
		{head: "START", drop: 5},
		{head: "CLIENT"},
		{head: "NAME", flex: 24},
		{head: "OUTCOME"},
		{head: "TIME", right: true},
		{head: "SENT", right: true},
		{head: "WASTED", right: true},
		{head: "RTX", right: true, drop: 1},
		{head: "RESOLVER", drop: 3},
		{head: "SERVER", drop: 4},
		{head: "ANSWER", flex: 24, drop: 2},
	}}
	return h
}

// Lookup writes l, or keeps it until the columns are known.
func (h *Lookups) Lookup(l *fact.Lookup) error {
	h.count++
	o := report.Parties(l.Objects)
	row := plain(report.Clock(l.Start), report.Named(o.Client, report.Addr(l.Client)), report.Clean(l.Name), l.Outcome.String(), report.Took(l.Duration), fmt.Sprint(l.Queries),
		fmt.Sprint(l.Wasted), fmt.Sprint(l.Retries), dash(report.Clean(l.Resolver)), dash(report.Named(o.Server, report.AddrPort(l.Server))), dash(answers(l)))
	row[0].style = &h.p.dim
	switch l.Outcome {
	case fact.LookupAnswered, fact.LookupNoData:
		row[3].style = &h.p.ok
	case fact.LookupServfail, fact.LookupTimeout, fact.LookupNXDomain, fact.LookupTruncated:
		row[3].style = &h.p.critical
	}
	for _, i := range []int{6, 7} {
		if row[i].text != "0" {
			row[i].style = &h.p.bold
		}
	}
	h.t.rows = append(h.t.rows, row)
	h.tried = append(h.tried, tried(l))
	if h.layout != nil || len(h.t.rows) >= sampleRows {
		return h.flush()
	}
	return nil
}

// answers returns the first address and how many more there are.
func answers(l *fact.Lookup) string {
	if len(l.Answer) == 0 {
		return ""
	}
	s := report.Addr(l.Answer[0])
	if n := len(l.Answer) - 1; n > 0 {
		s += fmt.Sprintf(" +%d", n)
	}
	return s
}

// tried lists the candidates of a lookup with what each cost; nothing where there was one only, and it is the name
// itself. A candidate is shown by the suffix that the search list added.
func tried(l *fact.Lookup) []string {
	if len(l.Candidates) == 1 && strings.EqualFold(l.Candidates[0].QName, l.Name) {
		return nil
	}
	var parts []string
	for i := range l.Candidates {
		c := &l.Candidates[i]
		name := c.QName
		if suffix, ok := strings.CutPrefix(strings.ToLower(name), strings.ToLower(l.Name)); ok && strings.HasPrefix(suffix, ".") {
			name = suffix
		} else if ok && suffix == "" {
			name = "as it is"
		}
		said := c.Rcode + " " + report.Took(c.Duration)
		switch {
		case c.Rcode == "":
			said = "no answer"
		case c.NoData:
			said = "no data " + report.Took(c.Duration)
		}
		parts = append(parts, report.Clean(name)+" "+report.Clean(said))
	}
	return parts
}

// flush writes the rows held.
func (h *Lookups) flush() error {
	first := h.layout == nil
	if first {
		l := h.t.fit(h.p.table())
		h.layout = &l
	}
	rows := h.t.rows
	for i := range rows {
		h.t.rows = rows[i : i+1]
		if h.layout.fits {
			h.t.render(&h.p.Builder, *h.layout, first && i == 0)
		} else {
			h.stack(rows[i])
		}
		h.p.parts("    ", h.tried[i]...)
	}
	h.t.rows, h.tried = rows[:0], h.tried[:0]
	return h.p.to(h.w)
}

// stack writes a row as short lines, where the terminal is narrower than any table.
func (h *Lookups) stack(r []cell) {
	h.p.para("", "  ", r[2].text)
	outcome := r[3].text
	if r[3].style != nil {
		outcome = r[3].style.Render(outcome)
	}
	h.p.parts("    ", outcome, r[4].text, r[1].text, r[6].text+" of "+r[5].text+" queries wasted", r[7].text+" sent again", strings.TrimPrefix(r[10].text, "-"))
}

// Close writes the rows held and the totals. These are of all lookups, not only of those asked for.
func (h *Lookups) Close(d *fact.DNSTotals) error {
	if len(h.t.rows) > 0 {
		if err := h.flush(); err != nil {
			return err
		}
	}
	p := h.p
	if h.count == 0 {
		if d.Lookups == 0 {
			p.line("No name lookup was seen.")
		} else {
			p.line("No lookup matches.")
		}
	}
	if d.Lookups > 0 {
		p.line()
		p.totals(d)
		p.costs(&d.Costs)
	}
	p.hidden(h.layout)
	p.redacted(p.Redacted)
	return h.p.to(h.w)
}

// totals writes what name resolution cost altogether.
func (p *page) totals(d *fact.DNSTotals) {
	p.line(p.bold.Render("Totals"))
	wasted := ""
	if d.Queries > 0 {
		wasted = fmt.Sprintf("%s wasted (%.0f%%)", report.Count(d.Wasted), 100*float64(d.Wasted)/float64(d.Queries))
	}
	p.parts("  ", report.Many(d.Lookups, "lookup"), fmt.Sprintf("%s queries, %.1f per lookup", report.Count(d.Queries), float64(d.Queries)/float64(d.Lookups)), wasted,
		report.Count(d.Retries)+" sent again", report.Count(d.Unanswered)+" unanswered")
	if len(d.Servers) == 0 {
		return
	}
	t := table{indent: "  ", heads: &p.dim, cols: []column{
		{head: "SERVER"},
		{head: "QUERIES", right: true},
		{head: "AGAIN", right: true},
		{head: "ANSWERS", right: true},
		{head: "UNANSWERED", right: true},
		{head: "SERVFAIL", right: true},
		{head: "MEDIAN", right: true},
		{head: "BACKENDS", flex: 15, drop: 1},
	}}
	for i := range d.Servers {
		s := &d.Servers[i]
		backends := make([]string, len(s.Backends))
		for k, b := range s.Backends {
			backends[k] = report.Addr(b.Addr())
		}
		t.rows = append(t.rows, plain(report.Named(s.Object, report.AddrPort(s.Server)), uintText(s.Queries), uintText(s.Retries), uintText(s.Answers), uintText(s.Unanswered),
			uintText(s.Servfail), report.Took(s.Median), dash(strings.Join(backends, " "))))
	}
	t.used()
	t.render(&p.Builder, t.fit(p.table()), true)
}
