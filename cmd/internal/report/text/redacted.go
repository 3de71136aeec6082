package text

import "github.com/netsift/netsift/cmd/internal/report"

// redacted marks a redacted result as such, so that nobody looks for its addresses.
func (p *page) redacted(is bool) {
	if is {
		p.line()
		p.para("", "  ", report.RedactionNote)
	}
}
