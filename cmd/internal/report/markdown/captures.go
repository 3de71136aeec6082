package markdown

import (
	"fmt"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// maxBlind and maxFiles bound the lists of blind spots and files.
const maxBlind, maxFiles = 12, 20

// blindSpots returns what the captures cannot show. Blind spots limit what a diagnosis is worth.
func (p *page) blindSpots(r *report.Report) string {
	n := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if !strings.HasPrefix(f.Rule, "cap-") {
			continue
		}
		if n++; n == 1 {
			p.WriteString("\n## What these captures can't show\n\n")
		}
		if n <= maxBlind {
			p.printf("- %s (%s). %s\n", prose(clip(f.Title, 300)), code(f.Rule), prose(clip(f.Explanation, 600)))
		}
	}
	if n > maxBlind {
		p.printf("- and %s\n", report.Many(n-maxBlind, "more blind spot"))
	}
	return p.take()
}

// howTaken writes what the captures are: a later reader can't ask.
func (p *page) howTaken() {
	if len(p.captures) == 0 {
		return
	}
	p.WriteString("\n## How the captures were taken\n")
	p.header("file", "node", "form", "frames", "begins (UTC)", "length", "snaplen", "cut frames", "lost by the kernel", "clock")
	var notes []string
	for i := range p.captures[:min(len(p.captures), maxFiles)] {
		c := &p.captures[i]
		if c.Error != "" {
			notes = append(notes, code(p.files[i])+" can't be read: "+prose(clip(c.Error, 300)))
			continue
		}
		if c.CopyOf != "" {
			notes = append(notes, code(p.files[i])+" was left out: it contains the same packets as another of these captures")
			continue
		}
		begin, length := "", ""
		if c.Frames > 0 {
			begin, length = at(c.First), report.Took(c.Last-c.First)
		}
		dropped := "not said"
		if c.Dropped >= 0 {
			dropped = report.Count(uint64(c.Dropped))
		}
		form := prose(clip(report.Format(c), 120))
		p.row(code(p.files[i]), code(clip(c.Node, 80)), form, report.Count(c.Frames), begin, length,
			report.Count(uint64(c.Snaplen)), report.Count(c.CutFrames), dropped, clock(i, c))
		for k, d := range c.Damage {
			if k == 3 {
				notes = append(notes, fmt.Sprintf("and %s in %s", report.Many(len(c.Damage)-k, "more damaged place"), code(p.files[i])))
				break
			}
			notes = append(notes, fmt.Sprintf("%s is damaged at byte %d, frame %d: %s", code(p.files[i]), d.Offset, d.Frame, prose(clip(d.What, 200))))
		}
	}
	if n := len(p.captures) - maxFiles; n > 0 {
		notes = append(notes, "and "+report.Many(n, "more file"))
	}
	if len(notes) > 0 {
		p.printf("\n- %s\n", strings.Join(notes, "\n- "))
	}
}

// clock says how far a capture's clock is ahead of the first one's.
func clock(i int, c *fact.Capture) string {
	switch {
	case i == 0:
		return "the reference"
	case c.Clock.Samples == 0:
		return "not comparable"
	}
	if c.Clock.Offset <= c.Clock.Error && -c.Clock.Offset <= c.Clock.Error {
		return "the same, ±" + report.Took(c.Clock.Error)
	}
	sign, offset := "+", c.Clock.Offset
	if offset < 0 {
		sign, offset = "−", -offset
	}
	return sign + report.Took(offset) + " ±" + report.Took(c.Clock.Error) + ", corrected"
}

// howMade writes how to make the report again, and what was left out of it on purpose.
func (p *page) howMade(r *report.Report) {
	p.printf("\n## How this report was made\n\nBy netsift %s", code(r.Version))
	o := r.Origin
	if o != nil {
		p.printf(", with this command:\n")
		p.block("sh", report.Clean(clip(o.Command, 2000)))
	} else {
		p.WriteString(".\n")
	}
	if s := r.Saved(); s != "" {
		p.printf("\n%s\n", s)
	}
	if r.Redacted {
		p.printf("\n%s\n", report.RedactionNote)
	}
	if o != nil && len(o.SHA256) > 0 {
		p.header("file", "SHA-256")
		for i, sum := range o.SHA256[:min(len(o.SHA256), len(p.files), maxFiles)] {
			if sum == "" {
				sum = "not read to its end"
			}
			p.row(code(p.files[i]), code(sum))
		}
	}
	if r.Config != "" {
		p.printf("\nThe policy %s was in force", code(clip(r.Config, 300)))
		if n := len(r.Suppressed); n > 0 {
			p.printf(". It accepts %s", report.Many(n, "finding"))
			for i := range r.Suppressed[:min(n, maxBlind)] {
				s := &r.Suppressed[i]
				p.printf("\n- %s: %s", code(s.ID), prose(clip(strings.Join(s.Reasons, "; "), 300)))
			}
			p.WriteByte('\n')
		} else {
			p.WriteString(".\n")
		}
	}
	all := 0
	for s := rules.Info; s <= rules.Critical; s++ {
		all += r.BySeverity[s]
	}
	if n := all - len(r.Findings); n > 0 {
		p.printf("\nBelow the chosen severity and therefore not in this report: %s.\n", report.Many(n, "finding"))
	}
}
