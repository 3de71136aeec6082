package text

import (
	"strconv"
	"strings"

	"github.com/netsift/netsift/cmd/internal/report"
)

// infos writes what is worth knowing, in short.
func (p *page) infos(r *report.Report, list []int) {
	if len(list) == 0 {
		return
	}
	p.line()
	p.line(p.bold.Render("Worth knowing"))
	for _, at := range list {
		f := &r.Findings[at]
		number := strconv.Itoa(at+1) + " "
		p.para("  "+number, "  "+strings.Repeat(" ", len(number)), f.Title)
		where := strings.Join(stations(f.Place, f.Objects), " → ")
		if f.Name != "" {
			where = strings.TrimSpace(where + " " + report.Clean(f.Name))
		}
		if f.AffectedTotal > 1 {
			where += " and " + report.Many(f.AffectedTotal-1, "more place")
		}
		frame := ""
		if len(f.Evidence) > 0 {
			frame = p.ref(f.Evidence[0].Ref)
		}
		pieces := []string{p.info.Render(report.Clean(f.Rule)), where, p.certainty(f)}
		if f.Count > 1 {
			pieces = append(pieces, report.Count(f.Count)+" times")
		}
		p.parts("    ", append(pieces, frame)...)
	}
}

// blindSpots writes what the captures cannot show. Blind spots limit what a diagnosis is worth.
func (p *page) blindSpots(r *report.Report, list []int) {
	if len(list) == 0 {
		return
	}
	p.line()
	p.line(p.bold.Render("What these captures can't show"))
	for _, at := range list {
		f := &r.Findings[at]
		p.para("  ", "  ", f.Title+" ("+f.Rule+")")
		if !p.Long {
			continue
		}
		p.para("    ", "    ", f.Explanation)
		for _, s := range f.NextSteps {
			p.step("    ", s)
		}
	}
}
