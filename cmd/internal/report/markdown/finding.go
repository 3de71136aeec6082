package markdown

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// maxFull findings are written in full, maxShort more (and as many that are worth knowing) in a line each: nobody reads a
// hundred. leftOut is room for the sentence that says what was left out.
const maxFull, maxShort, leftOut = 10, 40, 300

// findings returns all that fit into a number of bytes: the worst in full, of others a line, of the rest how many they are.
func (p *page) findings(r *report.Report, room int) string {
	room -= leftOut
	var b strings.Builder
	full, lines, infos, none := 0, 0, 0, 0
	heading := ""
	put := func(n *int, most int, head, s string) bool { // s is a section, or an item of a list
		if head != heading {
			s = "\n## " + head + "\n" + strings.Repeat("\n", 1-strings.Count(s[:1], "\n")) + s
		}
		if *n >= most || b.Len()+len(s) > room {
			return false
		}
		heading = head
		b.WriteString(s)
		*n++
		return true
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case strings.HasPrefix(f.Rule, "cap-"): // a blind spot
		case f.Severity <= rules.Info:
			if !put(&infos, maxShort, "Worth knowing", p.short(f)) {
				none++
			}
		case lines+none == 0 && full < maxFull && put(&full, maxFull, "Findings", p.finding(f)):
		case !put(&lines, maxShort, "More findings", p.short(f)):
			none++
		}
	}
	if lines+none > 0 {
		fmt.Fprintf(&b, "\nTo stay short and within the %s characters allowed in an issue, %s shown in one line and %s not shown at all. `-o json` has them all.\n",
			report.Count(Limit), wereFindings(lines), wereFindings(none))
	}
	return b.String()
}

func wereFindings(n int) string {
	if n == 1 {
		return "1 finding is"
	}
	return report.Count(uint64(n)) + " findings are"
}

// finding returns a finding in full.
func (p *page) finding(f *rules.Finding) string {
	p.printf("\n### %s: %s\n", title(f.Severity), prose(clip(f.Title, 400)))
	if way := stations(f.Place, f.Objects); way != "" {
		p.printf("\n%s\n", way)
	}
	p.printf("\n%s\n", strings.Join(about(f), " · "))
	if f.Root != nil {
		p.para(f.Root.Text + " (" + f.Root.Source + ")")
	}
	p.para(f.Explanation)
	if f.Where != nil {
		p.printf("\nWhere: %s.\n", prose(report.Where(f.Where)))
	}
	p.bullets("Because", f.Because)
	p.bullets("Why not something else", f.ToldFrom)
	p.affected(f)
	p.drawing(f)
	p.evidence(f.Evidence)
	p.steps("**Next steps**, one at a time", f.NextSteps)
	return p.take()
}

func title(s rules.Severity) string { return strings.ToUpper(s.String()[:1]) + s.String()[1:] }

// stations are the addresses of a place in the order of the way, and the name asked for.
func stations(pl rules.Place, objects *fact.Objects) string {
	var list []string
	o := report.Parties(objects)
	for _, s := range []string{
		report.Named(o.Client, report.Addr(pl.Client)), report.Named(o.Server, report.AddrPort(pl.Server)), report.Named(o.Service, report.AddrPort(pl.Service)),
		report.NamedBackend(o.Backend, report.AddrPort(pl.Backend)),
	} {
		if s != "" {
			list = append(list, code(s))
		}
	}
	way := strings.Join(list, " → ")
	if pl.Name != "" {
		way = strings.TrimSpace(way + ", name " + code(clip(pl.Name, 260)))
	}
	return way
}

// about says in short what a finding is, how often and when.
func about(f *rules.Finding) []string {
	list := []string{code(f.ID), prose(string(f.Certainty))}
	when := report.Many(f.Count, "time")
	switch {
	case f.First == 0:
	case f.First == f.Last || f.Last == 0:
		when += " at " + at(f.First) + " UTC"
	default:
		when += " from " + at(f.First) + " to " + at(f.Last) + " UTC"
	}
	list = append(list, when)
	if f.Recovered != 0 {
		list = append(list, "works again since "+at(f.Recovered))
	}
	if len(f.Nodes) > 0 {
		names := make([]string, len(f.Nodes))
		for i, n := range f.Nodes {
			names[i] = code(report.Addr(n))
		}
		list = append(list, "nodes "+strings.Join(names[:min(len(names), 8)], ", "))
	}
	return list
}

// short returns a finding as a line.
func (p *page) short(f *rules.Finding) string {
	s := "- " + prose(clip(f.Title, 300))
	if way := stations(f.Place, f.Objects); way != "" {
		s += ": " + way
	}
	if f.AffectedTotal > 1 {
		s += " and " + report.Many(f.AffectedTotal-1, "more place")
	}
	s += ". " + code(f.ID)
	if f.Certainty != rules.Shown && f.Certainty != "" {
		s += ", " + prose(string(f.Certainty))
	}
	if f.Count > 1 {
		s += ", " + report.Many(f.Count, "time")
	}
	if len(f.Evidence) > 0 {
		s += ", " + code(p.ref(f.Evidence[0].Ref))
	}
	return s + "\n"
}

func (p *page) para(s string) {
	if s != "" {
		p.printf("\n%s\n", prose(clip(s, 2000)))
	}
}

// maxBullets bounds a list: a user's own rule may write what it likes.
const maxBullets = 10

func (p *page) bullets(head string, list []string) {
	if len(list) == 0 {
		return
	}
	p.printf("\n**%s**\n\n", head)
	for _, s := range list[:min(len(list), maxBullets)] {
		p.printf("- %s\n", prose(clip(s, 600)))
	}
}

// maxAffected is how many places are shown; the JSON report has more.
const maxAffected = 10

// affected lists the places where there are several.
func (p *page) affected(f *rules.Finding) {
	total := max(f.AffectedTotal, len(f.Affected))
	if total < 2 || len(f.Affected) == 0 {
		return
	}
	p.printf("\n**Affected**: %s\n", report.Many(total, "place"))
	p.header("times", "place")
	n := min(len(f.Affected), maxAffected)
	for _, a := range f.Affected[:n] {
		p.row(report.Count(a.Count), stations(a.Place, a.Objects))
	}
	if total > n {
		p.printf("\nand %s; `-o json` lists up to 100.\n", report.Many(total-n, "more place"))
	}
}

// drawing draws one of the connections, or the lookup, that a finding is about.
func (p *page) drawing(f *rules.Finding) {
	if p.diagrams >= maxDiagrams {
		return
	}
	var d *diagram
	what := ""
	if f.Layer == rules.LayerDNS {
		refs := map[fact.Ref]bool{}
		for _, e := range f.Evidence {
			refs[e.Ref] = true
		}
		if l := p.findLookup(refs, report.Addr(f.Client), f.Name); l != nil {
			d, what = p.lookup(l), "A lookup of "+code(clip(l.Name, 260))
		}
	}
	for _, id := range f.Connections {
		if c := p.connections[id]; c != nil && d == nil {
			d, what = p.connection(c, whereOf(f, c)), "The path of connection "+code(c.ID)
		}
	}
	if d == nil {
		return
	}
	p.diagrams++
	p.printf("\n**%s**, each frame with its time after the first\n\n", what)
	d.write(&p.Builder)
}

// evidence lists the frames, and how to find them in Wireshark.
func (p *page) evidence(list []rules.Evidence) {
	if len(list) == 0 {
		return
	}
	p.WriteString("\n**Evidence**\n")
	p.header("frame", "what to see in it")
	var order []int
	frames := map[int][]string{}
	for _, e := range list {
		p.row(code(p.ref(e.Ref)), prose(clip(e.Note, 300)))
		if frames[e.Capture] == nil {
			order = append(order, e.Capture)
		}
		frames[e.Capture] = append(frames[e.Capture], strconv.FormatUint(e.Frame, 10))
	}
	for _, c := range order {
		file := "?"
		if c >= 0 && c < len(p.files) {
			file = p.files[c]
		}
		p.printf("\nWireshark display filter for %s:\n", code(file))
		p.block("", "frame.number in {"+strings.Join(frames[c], ", ")+"}")
	}
}

// steps writes next steps as one block to copy: sentences and reasons are comments in it.
func (p *page) steps(head string, list []string) {
	if len(list) == 0 {
		return
	}
	var b strings.Builder
	for _, s := range list[:min(len(list), 2*maxBullets)] {
		command, why := report.Step(clip(s, 1000))
		if why != "" {
			b.WriteString("# " + report.Clean(why) + "\n")
		}
		if command != "" {
			b.WriteString(report.Clean(command) + "\n")
		}
	}
	if head != "" {
		p.printf("\n%s\n", head)
	}
	p.block("sh", b.String())
}
