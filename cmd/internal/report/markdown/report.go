package markdown

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// Limit is how long a report may become, in bytes: GitHub takes 65,536 characters in the body of an issue or a comment.
const Limit = 65536

// maxDiagrams bounds the diagrams: drawing them costs the reader's browser.
const maxDiagrams = 8

// page is Markdown being written, with what its parts look up.
type page struct {
	strings.Builder
	facts    *fact.Facts
	captures []fact.Capture
	// files are the captures' names as short as they can be told apart.
	files       []string
	connections map[string]*fact.Connection
	diagrams    int
}

// Report writes r, in at most Limit bytes, and says what it leaves out.
func Report(w io.Writer, r *report.Report) error {
	r = report.WithoutDirectories(r)
	p := newPage(r.Facts)
	p.verdict(r)
	p.account(r)
	head := p.take()
	p.timeline(r)
	course := p.take()
	blind := p.blindSpots(r)
	p.howTaken()
	p.howMade(r)
	tail := course + blind + p.take()
	_, err := io.WriteString(w, head+p.findings(r, Limit-len(head)-len(tail))+tail)
	return err
}

func newPage(f *fact.Facts) *page {
	p := &page{facts: f, captures: f.Captures, connections: map[string]*fact.Connection{}}
	for _, name := range report.Names(f.Captures) {
		p.files = append(p.files, clip(name, 120))
	}
	for i := range f.Reach {
		for k := range f.Reach[i].Examples {
			c := &f.Reach[i].Examples[k]
			p.connections[c.ID] = c
		}
	}
	return p
}

// take returns what has been written, and begins anew.
func (p *page) take() string {
	s := p.String()
	p.Reset()
	return s
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// row writes a row of a table.
func (p *page) row(cells ...string) {
	for _, c := range cells {
		p.printf("| %s ", cell(c))
	}
	p.WriteString("|\n")
}

// header writes the head of a table.
func (p *page) header(cells ...string) {
	p.WriteByte('\n')
	p.row(cells...)
	p.WriteString("|" + strings.Repeat(" --- |", len(cells)) + "\n")
}

// block writes a block of code, with a fence that nothing in it can end.
func (p *page) block(language, s string) {
	fence := strings.Repeat("`", max(3, longestRun(s)+1))
	p.printf("\n%s%s\n%s\n%s\n", fence, language, strings.TrimSuffix(s, "\n"), fence)
}

// ref returns the place of a frame: file:frame.
func (p *page) ref(r fact.Ref) string {
	name := "?"
	if r.Capture >= 0 && r.Capture < len(p.files) {
		name = p.files[r.Capture]
	}
	return fmt.Sprintf("%s:%d", name, r.Frame)
}

// at returns a time, in UTC.
func at(ns int64) string { return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05.000") }

// verdict writes the diagnosis, for readers of a single line.
func (p *page) verdict(r *report.Report) {
	v := &r.Verdict
	said := v.Text
	if said == "" {
		said = "Nothing was found that needs attention."
	}
	if name := report.LayerName(v.Layer); name != "" {
		said = name + ": " + said
	}
	p.printf("## Network diagnosis\n\n**%s**\n", prose(clip(said, 600)))
	p.header("DNS", "Service", "CNI", "critical", "warnings", "worth knowing")
	p.row(state(v.DNS), state(v.Service), state(v.CNI), count(r, rules.Critical), count(r, rules.Warning), count(r, rules.Info))
	n := &r.Facts.Totals
	p.printf("\nIn %s, %s, %s, %s.\n", report.Many(n.Frames, "frame"), report.Many(n.Connections, "connection"),
		report.Many(n.Lookups, "name lookup"), report.Many(n.Retransmissions, "retransmission"))
	if r.Part != nil {
		p.printf("\n%s\n", prose(clip(r.Part.Text(n), 2000)))
	}
}

func count(r *report.Report, s rules.Severity) string { return fmt.Sprint(r.BySeverity[s]) }

// state returns unknown for the empty state.
func state(s rules.State) string {
	switch s {
	case rules.Failing:
		return "**failing**"
	case "":
		return string(rules.Unknown)
	}
	return string(s)
}
