package text

import "github.com/netsift/netsift/cmd/internal/report"

// redacted says of what has been redacted that it has been, so that nobody looks for its addresses.
func (p *page) redacted(is bool) {
	if is {
		p.line()
		p.para("", "  ", report.RedactionNote)
	}
}
