package text

import (
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// finding writes a finding in full, with its number in the report.
func (p *page) finding(f *rules.Finding, number int) {
	p.line()
	mark := strconv.Itoa(number) + " " + p.severity(f.Severity)
	for i, l := range Wrap(f.Title, p.prose()-width(mark)-2) {
		if i == 0 {
			p.line(mark, "  ", p.bold.Render(l))
		} else {
			p.line(strings.Repeat(" ", width(mark)+2), p.bold.Render(l))
		}
	}
	p.place("  ", f.Place, f.Objects)
	p.parts("  ", report.Clean(f.Rule), p.certainty(f), report.Times(f), p.nodes(f))
	p.line()
	if f.Root != nil {
		p.para("  ", "  ", report.Clean(f.Root.Text)+" ("+report.Clean(f.Root.Source)+")")
		p.line()
	}
	p.para("  ", "  ", f.Explanation)
	if f.Where != nil {
		p.line()
		p.para("  ", "  ", "Where: "+report.Where(f.Where)+".")
	}
	p.bullets("Because", f.Because)
	p.bullets("Why not something else", f.ToldFrom)
	p.affected(f)
	p.evidence(f.Evidence)
	p.steps(f.NextSteps)
}

// certainty says how sure a finding is, where it isn't shown plainly.
func (p *page) certainty(f *rules.Finding) string {
	if f.Certainty == rules.Shown || f.Certainty == "" {
		return ""
	}
	return p.bold.Render(report.Clean(string(f.Certainty)))
}

func (p *page) nodes(f *rules.Finding) string {
	if len(f.Nodes) == 0 {
		return ""
	}
	names := make([]string, len(f.Nodes))
	for i, n := range f.Nodes {
		names[i] = report.Addr(n)
	}
	if len(names) == 1 {
		return "node " + names[0]
	}
	return "nodes " + strings.Join(names, ", ")
}

// place writes where a finding applies.
func (p *page) place(indent string, pl rules.Place, o *fact.Objects) {
	p.stations(indent, stations(pl, o))
	if pl.Name != "" {
		p.line(indent, "name ", p.bold.Render(report.Clean(pl.Name)))
	}
}

// stations writes addresses with arrows between them, broken before an arrow.
func (p *page) stations(indent string, list []string) {
	line, used := "", 0
	for i, s := range list {
		if i > 0 {
			s = "→ " + s
		}
		switch w := width(s); {
		case used == 0:
			line, used = s, w
		case used+1+w <= p.prose()-len(indent):
			line, used = line+" "+s, used+1+w
		default:
			p.line(indent, line)
			line, used = "  "+s, w+2
		}
	}
	if used > 0 {
		p.line(indent, line)
	}
}

// stations are the addresses of a place in the order of the way, with their names.
func stations(pl rules.Place, objects *fact.Objects) []string {
	var s []string
	o := report.Parties(objects)
	for _, a := range []string{
		report.Named(o.Client, report.Addr(pl.Client)), report.Named(o.Server, report.AddrPort(pl.Server)), report.Named(o.Service, report.AddrPort(pl.Service)),
		report.NamedBackend(o.Backend, report.AddrPort(pl.Backend)),
	} {
		if a != "" && (len(s) == 0 || s[len(s)-1] != a) {
			s = append(s, a)
		}
	}
	return s
}

func (p *page) bullets(head string, list []string) {
	if len(list) == 0 {
		return
	}
	p.line()
	p.line("  ", p.bold.Render(head))
	for _, s := range list {
		p.para("    - ", "      ", s)
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
	p.line()
	p.line("  ", p.bold.Render("Affected"), p.dim.Render(" ("+report.Many(total, "place")+")"))
	t := table{indent: "    ", heads: &p.dim, cols: []column{
		{head: "TIMES", right: true},
		{head: "CLIENT"},
		{head: "SERVER", drop: 2},
		{head: "NAME", flex: 16},
		{head: "SERVICE", drop: 1},
		{head: "BACKEND", drop: 3},
	}}
	for _, a := range f.Affected[:min(len(f.Affected), maxAffected)] {
		o := report.Parties(a.Objects)
		t.rows = append(t.rows, plain(report.Count(a.Count), dash(report.Named(o.Client, report.Addr(a.Client))),
			dash(report.Named(o.Server, report.AddrPort(a.Server))), report.Clean(a.Name), dash(report.Named(o.Service, report.AddrPort(a.Service))),
			dash(report.Named(o.Backend, report.AddrPort(a.Backend)))))
	}
	t.used()
	t.render(&p.Builder, t.fit(p.table()), true)
	if more := total - len(t.rows); more > 0 {
		p.line("    ", p.dim.Render("and "+report.Many(more, "more place")+"; -o json lists up to 100"))
	}
}

// dash stands for nothing in a column.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// evidence lists the frames, and how to find them in Wireshark.
func (p *page) evidence(list []rules.Evidence) {
	if len(list) == 0 {
		return
	}
	p.line()
	p.line("  ", p.bold.Render("Evidence"))
	n := 0
	for _, e := range list {
		n = max(n, width(p.ref(e.Ref)))
	}
	// If there is no room for notes beside the frames, they go below.
	below := n > p.prose()/2
	for _, e := range list {
		if below {
			p.line("    ", p.ref(e.Ref))
			p.para("      ", "      ", e.Note)
			continue
		}
		lines := Wrap(e.Note, p.prose()-n-6)
		if len(lines) == 0 {
			lines = []string{""}
		}
		for i, l := range lines {
			at := ""
			if i == 0 {
				at = p.ref(e.Ref)
			}
			p.line("    ", strings.TrimRight(pad(at, n, false)+"  "+l, " "))
		}
	}
	p.wireshark(list)
}

// wireshark writes a display filter for each file.
func (p *page) wireshark(list []rules.Evidence) {
	var order []int
	frames := map[int][]string{}
	for _, e := range list {
		if frames[e.Capture] == nil {
			order = append(order, e.Capture)
		}
		frames[e.Capture] = append(frames[e.Capture], strconv.FormatUint(e.Frame, 10))
	}
	for _, c := range order {
		in := ""
		if c >= 0 && c < len(p.files) {
			switch of := p.of[c]; {
			case of != "": // Wireshark can't open facts
				in = " in " + report.Clean(of)
			case len(order) > 1:
				in = " in " + p.files[c]
			}
		}
		p.line("    ", p.dim.Render("Wireshark filter"+in+":"))
		p.line("      ", p.command.Render("frame.number in {"+strings.Join(frames[c], ", ")+"}"))
	}
}
