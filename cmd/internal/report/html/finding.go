package html

import (
	"slices"
	"strconv"
	"strings"

	"github.com/netsift/netsift/cmd/internal/dissect"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// finding is a finding as it is shown.
type finding struct {
	N                                               int
	ID, Rule, Layer, LayerName, Severity, Certainty string
	Title                                           string
	Root, Explanation                               []span
	Where                                           string
	Because, ToldFrom                               [][]span
	Explains                                        []string
	Place                                           []figure
	Times                                           string
	Nodes                                           []string // labels of the captures that show it
	Affected                                        *table
	AffectedMore                                    string
	Evidence                                        []evidence
	Filters                                         []filter
	Steps                                           []step
	Connections                                     string
	Walk                                            *drawing
	from, to                                        int64
}

// NodeList has a line for each node; a clean label has no line breaks.
func (f *finding) NodeList() string { return strings.Join(f.Nodes, "\n") }

type evidence struct {
	File, Frame, Note string
	// Layers are the frame's headers, none where it is not opened, and Stop says why they end.
	Layers []header
	Stop   string
}

// header is one of a frame, with its fields in a line.
type header struct{ Name, Summary, Fields string }

// maxHeader is how long the fields of a header may be, in bytes.
const maxHeader = 600

// opened returns a frame's headers.
func opened(d *dissect.Dissection) (list []header, stop string) {
	if d == nil {
		return nil, ""
	}
	for i := range d.Layers {
		l := &d.Layers[i]
		if l.Payload { // a report is mailed around
			list = append(list, header{Name: report.Clean(l.Name), Summary: report.Many(uint64(max(l.Length, 0)), "byte")})
			continue
		}
		var fields []string
		room := maxHeader
		for _, f := range l.Fields {
			if room -= len(f.Name) + len(f.Value); room < 0 {
				fields = append(fields, "and more")
				break
			}
			fields = append(fields, f.Name+" "+f.Value)
		}
		list = append(list, header{report.Clean(l.Name), report.Clean(l.Summary), report.Clean(strings.Join(fields, " · "))})
	}
	return list, report.Clean(d.Stop)
}

// filter is a display filter for one file.
type filter struct{ File, Text string }

type step struct {
	Why     []span
	Command string
}

// span is a piece of prose, or of code if it stood between backquotes.
type span struct {
	Text string
	Code bool
}

// table is one whose columns all have something in them.
type table struct {
	Heads []string
	Rows  [][]string
}

const (
	// maxAffected places and maxConnections ids are shown of a finding.
	maxAffected, maxConnections = 20, 12
)

func (m *maker) finding(f *rules.Finding, n int) finding {
	x := finding{
		N: n, ID: report.Clean(f.ID), Rule: report.Clean(f.Rule), Layer: report.Clean(string(f.Layer)), LayerName: report.LayerName(f.Layer),
		Severity: f.Severity.String(), Certainty: report.Clean(string(f.Certainty)),
		Title: sentence(report.Clean(f.Title)), Explanation: rich(f.Explanation),
		Where: whereOf(f), Because: each(f.Because, rich), ToldFrom: each(f.ToldFrom, rich), Explains: each(f.Explains, report.Clean),
		Times: sentence(report.Times(f)), Affected: affected(f), from: f.First, to: f.Last,
	}
	if f.Root != nil {
		x.Root = rich(f.Root.Text + " (" + f.Root.Source + ")")
	}
	if x.LayerName == "" {
		x.LayerName = x.Layer
	}
	x.Place = placeOf(f)
	if total := max(f.AffectedTotal, len(f.Affected)); total > maxAffected {
		x.AffectedMore = report.Many(total-maxAffected, "more place")
	}
	for _, e := range f.Evidence {
		shown := evidence{File: m.file(e.Capture), Frame: strconv.FormatUint(e.Frame, 10), Note: report.Clean(e.Note)}
		if !m.opened[e.Ref] { // where it is cited first
			m.opened[e.Ref] = true
			shown.Layers, shown.Stop = opened(m.frames[e.Ref])
		}
		x.Evidence = append(x.Evidence, shown)
		if e.Capture >= 0 && e.Capture < len(m.captures) {
			if node := report.Clean(m.captures[e.Capture].Node); node != "" && !slices.Contains(x.Nodes, node) {
				x.Nodes = append(x.Nodes, node)
			}
		}
	}
	x.Filters = m.filters(f.Evidence)
	for _, s := range f.NextSteps {
		command, why := report.Step(s)
		x.Steps = append(x.Steps, step{rich(sentence(why)), report.Clean(command)})
	}
	ids := each(f.Connections[:min(len(f.Connections), maxConnections)], report.Clean)
	x.Connections = strings.Join(ids, ", ")
	if more := len(f.Connections) - len(ids); more > 0 {
		x.Connections += " and " + report.Many(more, "more")
		x.Connections = strings.TrimSuffix(x.Connections, "s")
	}
	for _, id := range f.Connections {
		if t := m.walks[id]; t != nil {
			x.Walk = draw(t, "walk-"+strconv.Itoa(n))
			break
		}
	}
	return x
}

// sentence begins s with a capital letter, unless it begins with a name or an address.
func sentence(s string) string {
	first, _, _ := strings.Cut(s, " ")
	for _, r := range first {
		if r < 'a' || r > 'z' {
			return s
		}
	}
	if first == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// placeOf lists where a finding applies, in the order of the way.
func placeOf(f *rules.Finding) []figure {
	var list []figure
	add := func(name, value string) {
		if value != "" {
			list = append(list, figure{name, value})
		}
	}
	o := report.Parties(f.Objects)
	add("Client", report.Named(o.Client, report.Addr(f.Client)))
	add("DNS server", report.Named(o.Server, report.AddrPort(f.Server)))
	add("Name", report.Clean(f.Name))
	add("Service", report.Named(o.Service, report.AddrPort(f.Service)))
	add("Backend", report.NamedBackend(o.Backend, report.AddrPort(f.Backend)))
	var nodes []string
	for _, n := range f.Nodes {
		nodes = append(nodes, report.Addr(n))
	}
	add("Nodes", strings.Join(nodes, ", "))
	return list
}

// filters returns what to enter in Wireshark to see the evidence, for each file.
func (m *maker) filters(list []rules.Evidence) []filter {
	var order []int
	frames := map[int][]string{}
	for _, e := range list {
		if frames[e.Capture] == nil {
			order = append(order, e.Capture)
		}
		frames[e.Capture] = append(frames[e.Capture], strconv.FormatUint(e.Frame, 10))
	}
	var all []filter
	for _, c := range order {
		all = append(all, filter{m.file(c), "frame.number in {" + strings.Join(frames[c], ", ") + "}"})
	}
	return all
}

// affected lists the places where there are several.
func affected(f *rules.Finding) *table {
	if len(f.Affected) < 2 {
		return nil
	}
	heads := []string{"Times", "Client", "DNS server", "Name", "Service", "Backend"}
	var rows [][]string
	used := make([]bool, len(heads))
	for _, a := range f.Affected[:min(len(f.Affected), maxAffected)] {
		o := report.Parties(a.Objects)
		row := []string{
			report.Count(a.Count), report.Named(o.Client, report.Addr(a.Client)), report.Named(o.Server, report.AddrPort(a.Server)), report.Clean(a.Name),
			report.Named(o.Service, report.AddrPort(a.Service)), report.Named(o.Backend, report.AddrPort(a.Backend)),
		}
		for i, s := range row {
			used[i] = used[i] || s != ""
		}
		rows = append(rows, row)
	}
	t := &table{Rows: make([][]string, len(rows))}
	for i, head := range heads {
		if !used[i] {
			continue
		}
		t.Heads = append(t.Heads, head)
		for k, row := range rows {
			t.Rows[k] = append(t.Rows[k], row[i])
		}
	}
	return t
}

// rich takes prose apart.
func rich(s string) []span {
	var list []span
	parts := strings.Split(report.Clean(s), "`")
	if len(parts)%2 == 0 { // a stray one
		return []span{{Text: strings.Join(parts, "`")}}
	}
	for i, p := range parts {
		if p != "" {
			list = append(list, span{p, i%2 == 1})
		}
	}
	return list
}

func each[T any](list []string, f func(string) T) []T {
	out := make([]T, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}

// whereOf says where the packets of a finding vanish, "" if that is not known.
func whereOf(f *rules.Finding) string {
	if f.Where == nil {
		return ""
	}
	return report.Where(f.Where)
}
