package text

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// A brief report is to stand whole on a terminal of 24 lines. Four are for the verdict, four for what was read, and the others, screen, are shared by the
// findings; but none takes more than mostLines, and each may take leastLines.
const (
	screen     = 24 - 4 - 4
	mostLines  = 12
	leastLines = 4
)

// brief writes the essence of findings, n lines for all of them together where that is enough.
func (p *page) brief(r *report.Report) {
	n := 0
	for i := range r.Findings {
		if r.Findings[i].Severity > rules.Info {
			n++
		}
	}
	if n == 0 {
		return
	}
	each := min(max(screen/n, leastLines), mostLines)
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Severity > rules.Info {
			p.essence(r, i, each)
		}
	}
}

// essence writes a finding's block of at most some lines: what happens, to whom, how often and when, its cause or the strongest reasons, and where
// to go on.
func (p *page) essence(r *report.Report, at, most int) {
	f := &r.Findings[at]
	number := fmt.Sprintf("%d ", at+1)
	mark := number + p.severity(f.Severity) + "  "
	head := p.block(2, mark, strings.Repeat(" ", width(mark)), f.Title, &p.bold)
	head = append(head, p.taken(func() {
		p.place("  ", f.Place, f.Objects)
		p.parts("  ", report.Clean(f.Rule), p.certainty(f), report.Times(f), p.more(f))
	})...)
	var tail []string
	if len(f.NextSteps) > 0 {
		tail = p.first(f.NextSteps[0])
	}
	if again := p.again(r, f, at+1); again != "" {
		tail = append(tail, "  "+p.command.Render(again))
	}
	for len(head)+len(tail) > most && len(tail) > 1 {
		tail = tail[:len(tail)-1]
	}
	room := most - len(head) - len(tail)
	var why []string
	if f.Root != nil {
		why = append(why, p.block(min(2, max(room, 0)), "  ", "  ", f.Root.Text, nil)...)
	}
	if f.Where != nil && room-len(why) > 2 {
		why = append(why, p.block(2, "  ", "  ", report.Where(f.Where)+".", nil)...)
	}
	for _, s := range f.Because[:min(2, len(f.Because))] {
		if left := room - len(why); left > 0 {
			why = append(why, p.block(min(2, left), "  - ", "    ", s, nil)...)
		}
	}
	p.line()
	for _, list := range [][]string{head, why, tail} {
		for _, l := range list {
			p.line(l)
		}
	}
}

// more says how many places a finding has beside its own.
func (p *page) more(f *rules.Finding) string {
	if f.AffectedTotal < 2 {
		return ""
	}
	return report.Many(f.AffectedTotal, "place")
}

// first is the first step: the reason for it, and the command.
func (p *page) first(step string) (lines []string) {
	command, why := report.Step(step)
	if command == "" {
		return p.block(2, "  First: ", "    ", why, nil)
	}
	if why != "" {
		lines = p.block(1, "  First: ", "  ", why, nil)
	}
	return append(lines, "  "+p.command.Render(report.Clean(command)))
}

// again is the command that shows the finding packet by packet, "" where the captures can't be read again or it is about no connection.
func (p *page) again(r *report.Report, f *rules.Finding, number int) string {
	files, ok := report.Again(r)
	if !ok || p.Once || r.Redacted || len(f.Connections) == 0 {
		return ""
	}
	name := strconv.Itoa(number)
	if r.Cluster != nil { // without the snapshot there may be fewer findings
		name = rules.ShellWord(report.Clean(f.ID))
	}
	return "netsift trace --finding " + name + " " + files
}

// taken returns the lines that write writes.
func (p *page) taken(write func()) []string {
	before := p.String()
	p.Reset()
	write()
	lines := strings.Split(strings.TrimSuffix(p.String(), "\n"), "\n")
	p.Reset()
	p.WriteString(before)
	return lines
}

// block is prose behind a first and a following indent, in at most n lines, of which the last ends in an ellipsis where there is more.
func (p *page) block(n int, first, next, s string, look *lipgloss.Style) (lines []string) {
	all := Wrap(s, max(20, p.prose()-max(width(first), width(next))))
	for i, l := range all[:min(n, len(all))] {
		if i == n-1 && len(all) > n {
			l = ansi.Truncate(l+" …", p.prose()-max(width(first), width(next)), "…")
		}
		if look != nil {
			l = look.Render(l)
		}
		if i == 0 {
			lines = append(lines, first+l)
		} else {
			lines = append(lines, next+l)
		}
	}
	return lines
}
