package text

import (
	"github.com/netsift/netsift/cmd/internal/report"
)

// steps writes what to do next. Commands stand on lines of their own and are never wrapped: they are there to be copied.
func (p *page) steps(list []string) {
	if len(list) == 0 {
		return
	}
	p.line()
	p.line("  ", p.bold.Render("Next steps"))
	for _, s := range list {
		p.step("    ", s)
	}
}

// step writes one step: a sentence, a command, or a command with its reason behind " # ".
func (p *page) step(indent, s string) {
	command, why := report.Step(s)
	if why != "" {
		p.para(indent+"- ", indent+"  ", why)
	}
	if command != "" {
		p.line(indent, "  ", p.command.Render(report.Clean(command)))
	}
}
