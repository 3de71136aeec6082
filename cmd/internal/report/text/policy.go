package text

import (
	"fmt"
	"strings"

	"github.com/netsift/netsift/cmd/internal/report"
)

// maxSuppressed is how many suppressed findings are named; the JSON report has them all.
const maxSuppressed = 20

// policy says which file had a say in the report, and what is not in the report because of it. A file that lies beside the
// captures is easily overlooked.
func (p *page) policy(r *report.Report) {
	if r.Config == "" {
		return
	}
	said := "Policy of " + report.Clean(r.Config)
	if n := len(r.Suppressed); n > 0 {
		var list []string
		for i := range r.Suppressed[:min(n, maxSuppressed)] {
			s := &r.Suppressed[i]
			list = append(list, fmt.Sprintf("%s (%s)", s.ID, strings.Join(s.Reasons, "; ")))
		}
		if n > maxSuppressed {
			list = append(list, fmt.Sprintf("and %d more", n-maxSuppressed))
		}
		said += fmt.Sprintf("; suppressed: %s: %s", report.Many(n, "finding"), strings.Join(list, ", "))
	}
	p.line()
	p.para("", "  ", said)
}
