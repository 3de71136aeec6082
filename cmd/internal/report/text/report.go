package text

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// Report writes r: the verdict first, then what it rests on, then what else was seen and what could not be; all of it, or the essence (Options.Long).
func Report(w io.Writer, r *report.Report, o Options) error {
	p := newPage(o, r.Facts.Captures)
	p.report(r)
	return p.to(w)
}

func (p *page) report(r *report.Report) {
	p.verdict(r)
	var infos, blind []int
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case f.Severity > rules.Info:
			if p.Long {
				p.finding(f, i+1)
			}
		case strings.HasPrefix(f.Rule, "cap-"):
			blind = append(blind, i)
		default:
			infos = append(infos, i)
		}
	}
	if !p.Long {
		p.brief(r)
	}
	p.account(r)
	p.infos(r, infos)
	p.blindSpots(r, blind)
	if p.Long {
		p.captures(r)
	} else {
		p.inputs(r)
	}
	p.policy(r)
	p.redacted(r.Redacted)
}

// verdict writes the diagnosis, for readers of a single line.
func (p *page) verdict(r *report.Report) {
	v := &r.Verdict
	said, name := v.Text, report.LayerName(v.Layer)
	if said == "" {
		said = "Nothing was found that needs attention."
	}
	first, next := "", ""
	if name != "" {
		mark := p.info
		switch {
		case v.Layer == rules.LayerCapture:
		case r.BySeverity[rules.Critical] > 0:
			mark = p.critical
		case r.BySeverity[rules.Warning] > 0:
			mark = p.warning
		}
		first, next = mark.Render(name)+": ", strings.Repeat(" ", len(name)+2)
	}
	for i, l := range Wrap(said, p.prose()-width(next)) {
		if i > 0 {
			first = next
		}
		p.line(first, p.bold.Render(l))
	}
	p.parts("", p.state(rules.LayerDNS, v.DNS), p.state(rules.LayerService, v.Service), p.state(rules.LayerCNI, v.CNI))
	if r.Part != nil {
		p.para("", "", r.Part.Text(&r.Facts.Totals))
	}
}

// captures writes what was read.
func (p *page) captures(r *report.Report) {
	p.line()
	p.line(p.bold.Render("Captures"))
	t := table{indent: "  ", cols: []column{{flex: 16}, {drop: 2}, {right: true}, {drop: 1}}}
	for i := range r.Facts.Captures {
		c := &r.Facts.Captures[i]
		if c.Error != "" {
			t.rows = append(t.rows, []cell{{text: p.files[i]}, {}, {text: "unreadable", style: &p.critical}, {}})
			continue
		}
		if c.CopyOf != "" {
			t.rows = append(t.rows, []cell{{text: p.files[i]}, {}, {text: "a copy"}, {text: "left out"}})
			continue
		}
		span := ""
		if c.Frames > 0 {
			span = report.Took(c.Last-c.First) + " from " + date(c.First)
		}
		form := report.Format(c)
		t.rows = append(t.rows, plain(p.files[i], report.Clean(form), report.Many(c.Frames, "frame"), span))
	}
	t.used()
	t.render(&p.Builder, t.fit(p.table()), false)
	for i := range r.Facts.Captures {
		p.about(i, &r.Facts.Captures[i])
	}
	p.parts("  ", seen(r)...)
}

// seen are the totals in words.
func seen(r *report.Report) []string {
	n := &r.Facts.Totals
	return []string{report.Many(n.Connections, "connection"), report.Many(n.Lookups, "name lookup"), report.Many(n.Retransmissions, "retransmission")}
}

// inputs writes what was read in one line, and what is special about it.
func (p *page) inputs(r *report.Report) {
	var first, last int64
	read := 0
	for i := range r.Facts.Captures {
		c := &r.Facts.Captures[i]
		if c.Error != "" || c.CopyOf != "" {
			continue
		}
		read++
		if c.Frames > 0 && (first == 0 || c.First < first) {
			first = c.First
		}
		last = max(last, c.Last)
	}
	p.line()
	for i := range r.Facts.Captures {
		switch c := &r.Facts.Captures[i]; {
		case c.Error != "":
			p.line(p.files[i], " ", p.critical.Render("unreadable"))
		case c.CopyOf != "":
			p.line(p.files[i], " is a copy, left out")
		default:
			p.about(i, c)
		}
	}
	span := ""
	if first != 0 {
		span = report.Took(last-first) + " from " + date(first)
	}
	p.parts("", append([]string{report.Many(read, "capture"), report.Many(r.Facts.Totals.Frames, "frame"), span}, seen(r)...)...)
	if len(r.Findings) > 0 {
		p.para("", "", "-v shows evidence, look-alikes and all next steps.")
	}
}

// about writes what is special about a capture.
func (p *page) about(i int, c *fact.Capture) {
	if c.Error != "" || c.CopyOf != "" {
		return
	}
	var notes []string
	if name := p.files[i]; c.Node != "" && !strings.HasPrefix(name, c.Node) {
		notes = append(notes, "taken on "+report.Clean(c.Node))
	}
	if c.Clock.Samples > 0 || c.Clock.Offset != 0 {
		if skew := round(c.Clock.Offset, c.Clock.Error); skew != 0 {
			ahead := "ahead of"
			if skew < 0 {
				ahead, skew = "behind", -skew
			}
			whose := p.files[0] + "'s"
			if c.Clock.Samples == 0 {
				whose = "the others', judged by when its packets came"
			}
			notes = append(notes, fmt.Sprintf("its clock is %v %s %s (±%s), corrected here", skew, ahead, whose, report.Took(c.Clock.Error)))
		}
	} else if c.Stream != nil && i > 0 {
		notes = append(notes, "no packet shows how its clock compares with the others'")
	}
	n := len(c.Damage)
	if c.Torn {
		n--
		notes = append(notes, "its last packet is incomplete")
	}
	if n > 0 {
		notes = append(notes, report.Many(n, "damaged place"))
	}
	if c.Dropped > 0 {
		notes = append(notes, "the kernel lost "+report.Many(uint64(c.Dropped), "packet")+" while capturing")
	}
	if s := c.Stream; s != nil {
		if s.Pause > 0 {
			notes = append(notes, "nothing came from it for up to "+report.Took(s.Pause)+", and the others were read on without it")
		}
		if s.Ended && s.Silent >= silent {
			notes = append(notes, "it ended "+report.Took(s.Silent)+" before the last")
		}
		if s.Late > 0 {
			notes = append(notes, report.Many(s.Late, "packet")+" came too late to be put in order")
		}
	}
	if len(notes) > 0 {
		p.para("  ", "    ", p.files[i]+": "+strings.Join(notes, "; "))
	}
}

// round returns a difference of clocks with the digits that its error leaves.
func round(offset, err int64) time.Duration {
	unit := time.Nanosecond
	for int64(unit) < err {
		unit *= 10
	}
	return time.Duration(offset).Round(unit)
}
