package text

import (
	"fmt"

	"github.com/netsift/netsift/cmd/internal/report"
)

// account writes what failed, or was late, without a finding.
func (p *page) account(r *report.Report) {
	list, more := report.Account(r)
	if len(list) == 0 {
		return
	}
	p.line()
	for _, l := range Wrap(report.AccountTitle(r), p.prose()) {
		p.line(p.bold.Render(l))
	}
	for i := range list {
		u := &list[i]
		if !p.Long && r.Verdict.Layer != "" { // the findings are the answer
			p.stations("  ", append(u.Stations, u.What))
			continue
		}
		p.stations("  ", u.Stations)
		p.para("    ", "    ", u.What)
		if u.Where != "" {
			p.para("    ", "    ", u.Where)
		}
		if u.Look != "" {
			p.step("    ", u.Look)
		}
	}
	if more > 0 {
		p.line("  ", fmt.Sprintf("and %s (-o json lists them)", report.Many(more, "more place")))
	}
}
