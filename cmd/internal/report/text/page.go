package text

import (
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// page is text being written.
type page struct {
	strings.Builder
	Options
	style
	// files are the captures' names as short as they can be told apart.
	files []string
	// of are the captures that those are the facts of, "" where they are captures themselves.
	of []string
}

func newPage(o Options, captures []fact.Capture) *page {
	p := &page{Options: o, style: newStyle(o), files: report.Names(captures)}
	for i := range captures {
		p.of = append(p.of, captures[i].Of)
	}
	return p
}

// line writes strings as a line.
func (p *page) line(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
	p.WriteByte('\n')
}

// para writes prose, wrapped, behind a first and a following indent.
func (p *page) para(first, next, s string) {
	for i, l := range Wrap(s, max(20, p.prose()-max(width(first), width(next)))) {
		if i == 0 {
			p.line(first, l)
		} else {
			p.line(next, l)
		}
	}
}

// parts writes short pieces with a middle dot between them, broken between pieces where a line is full.
func (p *page) parts(indent string, pieces ...string) {
	const dot = " · "
	limit := max(20, p.prose()-len(indent))
	line, used := "", 0
	for _, s := range pieces {
		w := width(s)
		switch {
		case s == "":
		case used == 0:
			line, used = s, w
		case used+len(" . ")+w <= limit:
			line, used = line+p.dim.Render(dot)+s, used+3+w
		default:
			p.line(indent, line)
			line, used = s, w
		}
	}
	if used > 0 {
		p.line(indent, line)
	}
}

// ref returns the place of a frame: file:frame.
func (p *page) ref(r fact.Ref) string {
	name := "?"
	if r.Capture >= 0 && r.Capture < len(p.files) {
		name = p.files[r.Capture]
	}
	return name + ":" + uintText(r.Frame)
}
