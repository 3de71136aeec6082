package text

import (
	"io"

	"github.com/netsift/netsift/cmd/internal/report"
)

// Frame is what stands around a report: sentences, and commands on lines of their own.
type Frame struct {
	Before, After []string
}

// Framed writes r with f around it. It is about captures that the user does not have.
func Framed(w io.Writer, r *report.Report, f *Frame, o Options) error {
	o.Once = true
	p := newPage(o, r.Facts.Captures)
	p.lines(f.Before)
	p.line()
	p.report(r)
	p.line()
	p.lines(f.After)
	return p.to(w)
}

func (p *page) lines(list []string) {
	for _, s := range list {
		if report.IsCommand(s) {
			p.line("  ", p.command.Render(s))
		} else {
			p.para("", "", s)
		}
	}
}

// to hands on what has been written.
func (p *page) to(w io.Writer) error {
	_, err := io.WriteString(w, p.String())
	p.Reset()
	return err
}
