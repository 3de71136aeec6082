package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// layerOrder is the order in which one asks about the layers.
var layerOrder = []rules.Layer{rules.LayerDNS, rules.LayerService, rules.LayerCNI, rules.LayerApp, rules.LayerCapture}

// Rules lists the catalogue by layer.
func Rules(w io.Writer, list []policy.Rule, o Options) error {
	p := newPage(o, nil)
	idWidth := 0
	for i := range list {
		r := &list[i]
		idWidth = max(idWidth, width(report.Clean(r.ID)))
	}
	for _, l := range layerOrder {
		first := true
		for i := range list {
			r := &list[i]
			if r.Layer != l {
				continue
			}
			if first {
				if p.Len() > 0 {
					p.line()
				}
				p.line(p.bold.Render(report.LayerName(l)))
				first = false
			}
			p.ruleLine(r, idWidth)
		}
	}
	p.line()
	p.para("", "", "netsift rules ID explains one: what it means, what it needs, why it is nothing else, what to do next.")
	return p.to(w)
}

// ruleLine writes a rule's id, severity and title; the title is wrapped in a column of its own.
func (p *page) ruleLine(r *policy.Rule, idWidth int) {
	head := "  " + pad(report.Clean(r.ID), idWidth, false) + "  "
	severity, title := r.Effective(), r.Title
	mark := severity.String()
	switch {
	case !r.On:
		mark = "off"
	case severity != r.Rule.Severity:
		title += fmt.Sprintf(" (%s by itself)", r.Rule.Severity)
	}
	mark = pad(mark, len("critical"), false) + "  "
	lines := Wrap(title, max(20, p.prose()-len(head)-len(mark)))
	for i, l := range lines {
		if i > 0 {
			p.line(strings.Repeat(" ", len(head)+len(mark)), l)
			continue
		}
		styled := p.info.Render(strings.TrimSpace(mark)) + strings.Repeat(" ", len(mark)-len(strings.TrimSpace(mark)))
		if r.On && severity == rules.Critical {
			styled = p.critical.Render(strings.TrimSpace(mark)) + "  "
		}
		p.line(head, styled, l)
	}
}

// RulesInFull writes these rules in full.
func RulesInFull(w io.Writer, list []policy.Rule, o Options) error {
	p := newPage(o, nil)
	for i := range list {
		if i > 0 {
			p.line()
			p.line()
		}
		p.rule(&list[i])
	}
	return p.to(w)
}

func (p *page) rule(r *policy.Rule) {
	p.para("", "", r.Title)
	off := ""
	if !r.On {
		off = "turned off"
	}
	p.parts("", p.bold.Render(report.Clean(r.ID)), report.LayerName(r.Layer), p.severity(r.Effective()), off)
	p.section("What it means", r.Text)
	p.section("Evidence it needs", r.Needs)
	p.bullets("Why not something else", r.ToldFrom)
	p.section("Explains and replaces", strings.Join(r.Explains, ", "))
	p.steps(r.Steps())
	p.bullets("With a snapshot of the cluster (--cluster), the cause may be", roots(r))
	p.bullets("Thresholds, which a policy can set", settings(r))
	p.bullets("Sources", r.Sources)
}

// roots lists what a snapshot may tell.
func roots(r *policy.Rule) []string {
	var list []string
	for _, c := range r.Roots() {
		list = append(list, c.Kind+": "+c.Text)
	}
	return list
}

// settings lists the numbers that a rule goes by.
func settings(r *policy.Rule) []string {
	var list []string
	for _, t := range r.Settings {
		s := fmt.Sprintf("%s: %s", t.Name, t.Value)
		if t.Value != t.Default {
			s += fmt.Sprintf(" (%s by itself)", t.Default)
		}
		list = append(list, s+"; "+t.Text)
	}
	return list
}

func (p *page) section(head, s string) {
	if s == "" {
		return
	}
	p.line()
	p.line("  ", p.bold.Render(head))
	p.para("    ", "    ", s)
}
