package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// Diff writes what changed between two reports: both verdicts, then what is new, worse, better and gone.
func Diff(w io.Writer, d *report.Diff, o Options) error {
	p := newPage(o, nil)
	for _, side := range []struct {
		name string
		*report.Report
	}{{"Before", d.Before}, {"After", d.After}} {
		v := &side.Verdict
		said := v.Text
		if said == "" {
			said = "Nothing was found that needs attention."
		}
		if name := report.LayerName(v.Layer); name != "" {
			said = name + ": " + said
		}
		for i, l := range Wrap(said, p.prose()-8) {
			if i == 0 {
				p.line(p.dim.Render(pad(side.name, 8, false)), l)
			} else {
				p.line("        ", l)
			}
		}
	}
	for _, f := range d.New {
		p.changed("NEW", &p.critical, f, report.Times(f))
	}
	for i := range d.Worse {
		p.changed("WORSE", &p.critical, d.Worse[i].After, was(&d.Worse[i]))
	}
	for i := range d.Better {
		p.changed("BETTER", &p.ok, d.Better[i].After, was(&d.Better[i]))
	}
	for _, f := range d.Gone {
		p.changed("GONE", &p.ok, f, "was seen "+report.Times(f))
	}
	p.line()
	p.parts("", fmt.Sprintf("%d new", len(d.New)), fmt.Sprintf("%d worse", len(d.Worse)), fmt.Sprintf("%d better", len(d.Better)),
		fmt.Sprintf("%d gone", len(d.Gone)), fmt.Sprintf("%d as before", d.Same))
	if d.Unknown > 0 {
		p.para("", "  ", fmt.Sprintf("For %s it is unknown whether they are new or gone: one of the reports leaves their severity out (--min-severity), or is of another part (--filter).",
			report.Many(d.Unknown, "finding")))
	}
	if was, is := d.Before.Verdict.Account.Unexplained, d.After.Verdict.Account.Unexplained; was+is > 0 {
		p.para("", "  ", fmt.Sprintf("Failed without a finding: %s before, %s after.", report.Count(was), report.Count(is)))
	}
	return p.to(w)
}

// changed writes a finding in short, behind what became of it.
func (p *page) changed(what string, mark *lipgloss.Style, f *rules.Finding, how string) {
	p.line()
	const column = 8
	head := mark.Render(what) + strings.Repeat(" ", column-len(what))
	severity := p.severity(f.Severity)
	for i, l := range Wrap(f.Title, p.prose()-column-width(severity)-2) {
		if i == 0 {
			p.line(head, severity, "  ", p.bold.Render(l))
		} else {
			p.line(strings.Repeat(" ", column+width(severity)+2), p.bold.Render(l))
		}
	}
	indent := strings.Repeat(" ", column)
	p.place(indent, f.Place, f.Objects)
	p.parts(indent, report.Clean(f.ID), how)
}

// was says what a finding was, and what it is.
func was(c *report.Changed) string {
	var list []string
	if c.Before.Severity != c.After.Severity {
		list = append(list, fmt.Sprintf("was %s, is %s", c.Before.Severity, c.After.Severity))
	}
	if c.Before.Count != c.After.Count {
		list = append(list, fmt.Sprintf("%s before, %s after", report.Many(c.Before.Count, "time"), report.Count(c.After.Count)))
	}
	return strings.Join(list, "; ")
}
