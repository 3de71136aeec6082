package text

import (
	"io"
	"strings"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// layerOrder is the order in which one asks about the layers.
var layerOrder = []rules.Layer{rules.LayerDNS, rules.LayerService, rules.LayerCNI, rules.LayerApp, rules.LayerCapture}

// Rules lists the catalogue by layer.
func Rules(w io.Writer, list []*rules.Rule, o Options) error {
	p := newPage(o, nil)
	idWidth := 0
	for _, r := range list {
		idWidth = max(idWidth, width(report.Clean(r.ID)))
	}
	for _, l := range layerOrder {
		first := true
		for _, r := range list {
			if r.Layer != l {
				continue
			}
			if first {
				if p.Len() > 0 {
					p.line()
				}
				p.line(p.bold.Render(layerNames[l]))
				first = false
			}
			p.ruleLine(r, idWidth)
		}
	}
	p.line()
	p.para("", "", "netsift rules ID explains one: what it means, what it needs, what it is told from, what to do next.")
	return p.to(w)
}

// ruleLine writes a rule's id, severity and title; the title is wrapped in a column of its own.
func (p *page) ruleLine(r *rules.Rule, idWidth int) {
	head := "  " + pad(report.Clean(r.ID), idWidth, false) + "  "
	mark := pad(r.Severity.String(), len("critical"), false) + "  "
	lines := Wrap(r.Title, max(20, p.prose()-len(head)-len(mark)))
	for i, l := range lines {
		if i > 0 {
			p.line(strings.Repeat(" ", len(head)+len(mark)), l)
			continue
		}
		styled := p.info.Render(strings.TrimSpace(mark)) + strings.Repeat(" ", len(mark)-len(strings.TrimSpace(mark)))
		if r.Severity == rules.Critical {
			styled = p.critical.Render(strings.TrimSpace(mark)) + "  "
		}
		p.line(head, styled, l)
	}
}

// Rule writes one rule in full.
func Rule(w io.Writer, r *rules.Rule, o Options) error {
	p := newPage(o, nil)
	p.para("", "", r.Title)
	p.parts("", p.bold.Render(report.Clean(r.ID)), layerNames[r.Layer], p.severity(r.Severity))
	p.section("What it means", r.Text)
	p.section("What it needs", r.Needs)
	p.bullets("Told from", r.ToldFrom)
	p.section("Explains, and takes the place of", strings.Join(r.Explains, ", "))
	p.steps(r.NextSteps)
	p.bullets("Sources", r.Sources)
	return p.to(w)
}

func (p *page) section(head, s string) {
	if s == "" {
		return
	}
	p.line()
	p.line("  ", p.bold.Render(head))
	p.para("    ", "    ", s)
}
