package markdown

import (
	"strings"

	"github.com/netsift/netsift/cmd/internal/report"
)

// account writes what failed, or was late, without a finding.
func (p *page) account(r *report.Report) {
	list, more := report.Account(r)
	if len(list) == 0 {
		return
	}
	p.printf("\n**%s**\n\n", prose(report.AccountTitle(r)))
	for i := range list {
		u := &list[i]
		p.printf("- %s: %s", prose(strings.Join(u.Stations, " → ")), prose(u.What))
		if u.Where != "" {
			p.printf("; %s", prose(clip(u.Where, 300)))
		}
		p.printf("\n")
	}
	if more > 0 {
		p.printf("- and %s\n", report.Many(more, "more place"))
	}
}
