package markdown

import (
	"cmp"
	"slices"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// maxEvents bounds the rows of the timeline.
const maxEvents = 40

// event is a row of the timeline.
type event struct {
	time int64
	what string
}

// timeline writes when findings began, were last seen, and recovered.
func (p *page) timeline(r *report.Report) {
	var list []event
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Severity <= rules.Info || f.First == 0 {
			continue
		}
		what := ": " + prose(clip(f.Title, 160)) + " (" + code(f.ID) + ")"
		if f.Last == f.First || f.Last == 0 {
			list = append(list, event{f.First, "once" + what})
		} else {
			list = append(list, event{f.First, "begins" + what}, event{f.Last, "last seen: " + code(f.ID) + ", " + report.Many(f.Count, "time")})
		}
		if f.Recovered != 0 {
			list = append(list, event{f.Recovered, "works again: " + code(f.ID)})
		}
	}
	if len(list) == 0 {
		return
	}
	left := max(0, len(list)-maxEvents)
	list = list[:len(list)-left] // findings come worst first
	for i, c := range p.captures {
		if c.Frames > 0 && i < 8 {
			// Findings' times are those of the first capture's clock, and so are these.
			list = append(list, event{c.First - c.Clock.Offset, "capture begins: " + code(p.files[i])}, event{c.Last - c.Clock.Offset, "capture ends: " + code(p.files[i])})
		}
	}
	slices.SortStableFunc(list, func(a, b event) int { return cmp.Compare(a.time, b.time) })
	p.WriteString("\n## Timeline\n")
	p.header("time (UTC)", "what")
	for _, e := range list {
		p.row(at(e.time), e.what)
	}
	if left > 0 {
		p.printf("\nAnd %s, of less severe findings.\n", report.Many(left, "more event"))
	}
}
