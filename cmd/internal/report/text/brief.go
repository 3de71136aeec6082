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

// mostOfRule is how many findings of one rule have a block. A node without a route has the same to say of each of a thousand Services.
const mostOfRule = 5

// brief writes the essence of findings, n lines for all of them together where that is enough, and how many more there are of which rule.
func (p *page) brief(r *report.Report) {
	var shown []int
	var crowds []string // rules that have more, in the order of their findings
	of := map[string]int{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Severity <= rules.Info {
			continue
		}
		if of[f.Rule]++; of[f.Rule] <= mostOfRule {
			shown = append(shown, i)
		} else if of[f.Rule] == mostOfRule+1 {
			crowds = append(crowds, f.Rule)
		}
	}
	for _, i := range shown {
		p.essence(r, i, min(max(screen/len(shown), leastLines), mostLines))
	}
	for i, rule := range crowds {
		if i == 0 {
			p.line()
		}
		p.line(fmt.Sprintf("And %s more of %s: -v shows all.", report.Count(uint64(of[rule]-mostOfRule)), report.Clean(rule)))
	}
}

// essence writes a finding's block of at most some lines: what happens, to whom, how often and when, its cause or the strongest reasons, and where
// to go on.
func (p *page) essence(r *report.Report, at, most int) {
	f := &r.Findings[at]
	number := fmt.Sprintf("%d ", at+1)
	mark := number + p.severity(f.Severity) + "  "
	head := p.block(2, mark, strings.Repeat(" ", width(mark)), f.Title, &p.bold)
	head = append(head, p.taken(func(p *page) {
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
	if r.Cluster != nil || r.Part != nil { // without these there may be fewer findings, or more
		name = rules.ShellWord(report.Clean(f.ID))
	}
	return "netsift trace --finding " + name + " " + files
}

// taken returns the lines that write writes on a page of its own.
func (p *page) taken(write func(*page)) []string {
	own := &page{Options: p.Options, style: p.style, files: p.files, of: p.of}
	write(own)
	return strings.Split(strings.TrimSuffix(own.String(), "\n"), "\n")
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
