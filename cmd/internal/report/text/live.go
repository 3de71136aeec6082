package text

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// Screen returns how a live analysis stands, in at most height lines: the verdict, what comes in, and the findings that hold.
func Screen(m *report.Moment, height int, o Options) string {
	p := newPage(o, m.Captures)
	said := m.Verdict.Text
	switch {
	case m.Time == 0:
		said = "Waiting for packets."
	case said == "":
		said = "Nothing was found that needs attention."
	}
	for _, l := range Wrap(said, p.prose()) {
		p.line(p.bold.Render(l))
	}
	p.parts("", p.state(rules.LayerDNS, m.Verdict.DNS), p.state(rules.LayerService, m.Verdict.Service), p.state(rules.LayerCNI, m.Verdict.CNI))
	p.line()
	p.parts("", rate(m.Frames, "packet"), rate(m.Connections, "connection"), rate(m.Lookups, "lookup"),
		report.Many(uint64(m.Live), "connection")+" open", p.trouble(m))
	p.line()
	if len(m.Open) == 0 {
		p.line(p.dim.Render("No findings."))
	}
	for i := range m.Open {
		p.open(&m.Open[i])
	}
	lines := strings.Split(strings.TrimRight(p.String(), "\n"), "\n")
	if height > 3 && len(lines) > height {
		lines = append(lines[:height-1], p.dim.Render("…"))
	}
	if o.Width > 0 {
		for i := range lines {
			lines[i] = ansi.Truncate(lines[i], o.Width, "…")
		}
	}
	return strings.Join(lines, "\n")
}

// rate returns how many of something come in a second.
func rate(n float64, what string) string {
	return report.Many(uint64(n+0.5), what) + "/s"
}

// trouble says what keeps the analysis itself from seeing all.
func (p *page) trouble(m *report.Moment) string {
	var parts []string
	for i := range m.Captures {
		if n := len(m.Captures[i].Damage); n > 0 {
			parts = append(parts, report.Many(uint64(n), "damaged place"))
		}
		if n := m.Captures[i].Dropped; n > 0 {
			parts = append(parts, report.Many(uint64(n), "packet")+" dropped")
		}
	}
	if n := m.Totals.Evicted; n > 0 {
		parts = append(parts, report.Many(n, "connection")+" given up")
	}
	if n := m.Totals.EvictedLookups; n > 0 {
		parts = append(parts, report.Many(n, "lookup")+" given up")
	}
	if s := m.Lag.Seconds(); s >= 2 && s < 3600 {
		parts = append(parts, fmt.Sprintf("%.1f s behind", s))
	}
	if len(parts) == 0 {
		return ""
	}
	return p.warning.Render(strings.Join(parts, ", "))
}

// open writes a finding that holds, in brief.
func (p *page) open(f *rules.Finding) {
	mark := p.severity(f.Severity)
	for i, l := range Wrap(f.Title, p.prose()-10) {
		if i == 0 {
			p.line(mark, strings.Repeat(" ", max(1, 10-width(mark))), p.bold.Render(l))
		} else {
			p.line(strings.Repeat(" ", 10), p.bold.Render(l))
		}
	}
	if f.Objects != nil {
		p.stations(strings.Repeat(" ", 10), stations(f.Place, f.Objects))
	}
	p.parts(strings.Repeat(" ", 10), report.Clean(f.Rule), p.certainty(f), report.Times(f))
}

// Change returns the line that says what happened to a finding.
func Change(c *report.Change, at int64, o Options) string {
	p := newPage(o, nil)
	f := &c.Finding
	b := report.Clock(at) + "  "
	switch c.Kind {
	case report.Withdrawn:
		b += "withdrawn " + report.Clean(f.ID)
		switch {
		case c.Renamed:
			b += ", called " + report.Clean(c.By) + " now"
		case c.By != "":
			b += ", explained by " + report.Clean(c.By)
		}
	case report.Updated:
		b += p.severity(f.Severity) + "  " + report.Clean(f.Title) + p.dim.Render("  ("+report.Clean(f.ID)+", again, "+report.Times(f)+")")
	default:
		b += p.severity(f.Severity) + "  " + report.Clean(f.Title) + p.dim.Render("  ("+report.Clean(f.ID)+")")
	}
	if c.Kind != report.Withdrawn && f.Objects != nil {
		b += "  " + strings.Join(stations(f.Place, f.Objects), " → ")
	}
	return b
}
