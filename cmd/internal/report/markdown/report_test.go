package markdown

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/golden"
	"github.com/netsift/netsift/cmd/internal/report/sample"
)

// pasted is the sample's report with connections that can be drawn, and with its origin.
func pasted() *report.Report {
	r := sample.Report()
	for _, c := range sample.Connections() {
		r.Facts.Reach = append(r.Facts.Reach, fact.Reach{Examples: []fact.Connection{*c}})
	}
	for _, l := range sample.Lookups() {
		r.Facts.Lookups = append(r.Facts.Lookups, *l)
	}
	r.Origin = &report.Origin{Command: "netsift analyze -o markdown caps/node1.pcap.zst", SHA256: []string{strings.Repeat("0123456789abcdef", 4), "", ""}}
	hang := &r.Facts.Reach[3].Examples[0]
	hang.Legs = []fact.Leg{
		{Src: hang.Client, Dst: hang.Called, Node: "node1"},
		{Src: hang.Client, Dst: hang.Backend, Node: "node1", Encap: hang.Legs[0].Encap},
		{Src: hang.Client, Dst: hang.Backend, Node: "node2"},
	}
	hang.Flow[fact.ToClient].Stall = &fact.Stall{First: hang.Start + 2e8, Last: hang.End, Sends: 7}
	at := func(kind fact.MarkKind, flow fact.Direction, capture int, frame uint64, after int64, count uint32) {
		leg := 0
		if kind != fact.MarkSYN {
			leg = 1 + capture
		}
		hang.Marks = append(hang.Marks, fact.Mark{Kind: kind, Flow: flow, Leg: leg, Ref: fact.Ref{Capture: capture, Frame: frame}, Time: hang.Start + after, Count: count, IPLen: 1500})
	}
	at(fact.MarkSYN, fact.ToServer, 0, 112, 0, 0)
	at(fact.MarkTranslated, fact.ToServer, 0, 113, 29e3, 0)
	at(fact.MarkEncapsulated, fact.ToServer, 0, 114, 87e3, 0)
	at(fact.MarkEncapsulated, fact.ToServer, 1, 80, 95e3, 0)
	at(fact.MarkTranslated, fact.ToServer, 1, 81, 125e3, 0)
	at(fact.MarkSYNACK, fact.ToClient, 1, 82, 160e3, 0)
	at(fact.MarkResend, fact.ToClient, 1, 97, 2e8, 0)
	at(fact.MarkStall, fact.ToClient, 1, 120, 6e8, 3)
	at(fact.MarkICMP, fact.ToClient, 0, 121, 7e8, 0)
	hang.Errors = []fact.ICMPError{{Type: 3, Code: 4, MTU: 1450, Src: sample.Addr("192.168.1.1"), Flow: fact.ToClient, Time: hang.Start + 7e8, Count: 2, Ref: fact.Ref{Capture: 0, Frame: 121}}}
	hang.Reset = &fact.Reset{From: fact.ToClient, ByNode: true}
	at(fact.MarkReset, fact.ToClient, 0, 130, 8e8, 0)
	r.Findings[0].Connections = []string{"node1:not-kept", hang.ID}
	return r
}

func markdown(t *testing.T, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Report(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReportGolden(t *testing.T) {
	golden.Check(t, "report.md", []byte(markdown(t, pasted())))
	golden.Check(t, "empty.md", []byte(markdown(t, &report.Report{Version: "0.1.0", Facts: &fact.Facts{}})))
}

// hostile is text that means something to Markdown, to a forge, to Mermaid or to a terminal.
const hostile = "`x` | a``` <img src=x onerror=alert(1)> <!-- @everyone #1 !2 http://evil.example www.evil.example :+1: ![x](y) [a](b) **b** __c__ ~~d~~ $e$ \\| " +
	"end; p0->>p1: x %% #35; \x1b[31m\u202e\r\n# head\n- list\n```\n| cell | &lt; gh-1"

// strangers returns a report whose every text from outside is hostile.
func strangers() *report.Report {
	r := pasted()
	r.Verdict.Text, r.Config, r.Version, r.Origin.Command = hostile, hostile, hostile, "netsift "+hostile
	for i := range r.Suppressed {
		r.Suppressed[i].Reasons = []string{hostile}
	}
	for i := range r.Facts.Captures {
		c := &r.Facts.Captures[i]
		c.File, c.Format, c.LinkTypes = fmt.Sprint(hostile, i), hostile, []string{hostile}
		if c.Error != "" {
			c.Error = hostile
		}
		for k := range c.Damage {
			c.Damage[k].What = hostile
		}
	}
	for i := range r.Facts.Lookups {
		l := &r.Facts.Lookups[i]
		l.Name = hostile
		for k := range l.Candidates {
			l.Candidates[k].Queries = []fact.Query{{Type: hostile, Rcode: hostile, Server: l.Server, QueryRef: fact.Ref{Frame: 11}, AnswerRef: fact.Ref{Frame: 12}, Sent: l.Start}}
			l.Candidates[k].QName = hostile
		}
	}
	c := &r.Facts.Reach[3].Examples[0]
	r.Facts.Captures[0].Node, r.Facts.Captures[1].Node = "end", hostile
	c.Legs[0].Node, c.Legs[1].Node, c.Legs[2].Node = "end", "end", hostile
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Title, f.Explanation, f.Name, f.ID = hostile, hostile, hostile, hostile
		f.Because, f.ToldFrom, f.NextSteps = []string{hostile, "1.", "- a"}, []string{hostile}, []string{hostile, "echo " + hostile + " # " + hostile}
		for k := range f.Evidence {
			f.Evidence[k].Note = hostile
		}
		for k := range f.Affected {
			f.Affected[k].Name = hostile
		}
	}
	return r
}

// outside returns the lines of Markdown that are no blocks of code, without what is code in them.
func outside(t *testing.T, text string) (lines []string) {
	t.Helper()
	fence := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch bare := strings.TrimLeft(line, "`"); {
		case fence != "":
			if line == fence {
				fence = ""
			}
		case len(line)-len(bare) >= 3 && !strings.Contains(bare, "`"):
			fence = line[:len(line)-len(bare)]
		default:
			lines = append(lines, withoutSpans(line))
		}
	}
	if fence != "" {
		t.Error("a block of code has no end")
	}
	return lines
}

// withoutSpans takes code spans out: from a run of backticks to the next of the same length.
func withoutSpans(s string) string {
	run := regexp.MustCompile("`+")
	var b strings.Builder
	for {
		open := run.FindStringIndex(s)
		if open == nil {
			return b.String() + s
		}
		b.WriteString(s[:open[0]])
		ticks, rest := s[open[0]:open[1]], s[open[1]:]
		end := -1
		for _, m := range run.FindAllStringIndex(rest, -1) {
			if m[1]-m[0] == len(ticks) {
				end = m[1]
				break
			}
		}
		if end < 0 {
			return b.String() + s[open[0]:]
		}
		s = rest[end:]
	}
}

// TestHostile holds that no text of a capture becomes a line of its own, a control character, or anything but text and code.
func TestHostile(t *testing.T) {
	text := markdown(t, strangers())
	for line := range strings.Lines(text) {
		if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q", line)
		}
	}
	columns := 0
	for _, line := range outside(t, text) {
		if bad := strings.IndexAny(strings.TrimLeft(strings.ReplaceAll(line, "**", ""), "#"), "`<>[]@#!*_~$&%"); bad >= 0 {
			t.Errorf("this is more than text: %s", line)
		}
		if strings.Contains(line, "www.") || strings.Contains(line, "://") {
			t.Errorf("a link: %s", line)
		}
		if !strings.HasPrefix(line, "|") {
			columns = 0
		}
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "| ") {
			columns = 0
			continue
		}
		n := strings.Count(line, "|") - strings.Count(line, `\|`)
		if columns != 0 && n != columns {
			t.Errorf("%d cells where the table has %d: %s", n, columns, line)
		}
		columns = n
	}
	golden.Check(t, "hostile.md", []byte(text))
}

// TestMermaid holds that a line of a diagram is one statement, of which only letters, digits and plain punctuation are left
// beside entity codes.
func TestMermaid(t *testing.T) {
	line := regexp.MustCompile(`^(sequenceDiagram|    (participant p\d+ as |p\d+(->>|-x)p\d+: |Note over p\d+(,p\d+)?: )([A-Za-z0-9 .,:/()+=_µ-]|#\d+;|<br/>)+)$`)
	text := markdown(t, strangers())
	diagrams := 0
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, "\n```mermaid\n")
		if !ok {
			break
		}
		diagrams++
		body, next, _ := strings.Cut(after, "\n```\n")
		for s := range strings.SplitSeq(body, "\n") {
			if !line.MatchString(s) {
				t.Errorf("%s", s)
			}
		}
		rest = next
	}
	if diagrams < 2 {
		t.Errorf("%d diagrams, want one of a connection and one of a lookup", diagrams)
	}
}

func TestProse(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"large responses between 10.244.1.5 and 10.244.2.8 vanish: an MTU black hole", "large responses between 10.244.1.5 and 10.244.2.8 vanish: an MTU black hole"},
		{"ask (@admin), please", "ask (`@admin`), please"},
		{"see #12 and !7.", "see `#12` and `!7`."},
		{"from fd00:a:1::5 to x", "from `fd00:a:1::5` to x"},
		{"a|b", "`a|b`"},
		{"tick `` tick", "tick ``` `` ``` tick"},
		{"<b>bold</b>", "`<b>bold</b>`"},
		{"- item", "`-` item"},
		{"1. item", "`1`. item"},
		{"http://example.com/ is a link", "`http://example.com/` is a link"},
		{"\x1b[31m", "`\\x1b[31m`"},
		{"two  spaces", "two spaces"},
	} {
		if got := prose(c.in); got != c.want {
			t.Errorf("prose(%q) = %s, want %s", c.in, got, c.want)
		}
	}
}

// TestLimit holds that a report of very many findings fits into an issue, and counts what it leaves out.
func TestLimit(t *testing.T) {
	r := strangers()
	one := r.Findings[0]
	r.Findings = nil
	for range 10_000 {
		r.Findings = append(r.Findings, one)
	}
	for range 100 {
		r.Facts.Captures = append(r.Facts.Captures, r.Facts.Captures[0])
		r.Suppressed = append(r.Suppressed, r.Suppressed[0])
	}
	text := markdown(t, r)
	if len(text) > Limit {
		t.Errorf("%d bytes", len(text))
	}
	inFull := strings.Count(text, "\n### ")
	m := regexp.MustCompile(`, ([0-9,]+) findings are shown in one line and ([0-9,]+) findings are not shown at all`).FindStringSubmatch(text)
	if m == nil {
		t.Fatal("it does not say what is left out")
	}
	sum := inFull
	for _, s := range m[1:] {
		var n int
		fmt.Sscan(strings.ReplaceAll(s, ",", ""), &n)
		sum += n
	}
	if inFull == 0 || inFull > maxFull || sum != len(r.Findings) {
		t.Errorf("%d findings in full, %s in a line, %s left out", inFull, m[1], m[2])
	}
}

// FuzzProse looks for text that is more than text once it is Markdown, alone or in a cell of a table.
func FuzzProse(f *testing.F) {
	for _, s := range []string{hostile, "1) a", "+ a", "=== ---", "`", "``` a", "a `b", "www.x", "GH-1", ":a:", "|", `\|`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := prose(s)
		if bad := withoutSpans(got); strings.ContainsAny(bad, "`<>[]{}@#!*_~$&%|\\") || strings.Contains(bad, "://") {
			t.Errorf("prose(%q) = %s", s, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("prose(%q) = %q", s, got)
		}
		for _, start := range []string{"- ", "+ ", "= ", "1. ", "1) "} {
			if strings.HasPrefix(got, start) {
				t.Errorf("prose(%q) = %s begins a block", s, got)
			}
		}
		if c := cell(got); strings.Count(c, "|") != strings.Count(c, `\|`) {
			t.Errorf("in a cell: %s", c)
		}
		if m := mermaidText(s); strings.ContainsAny(m, "<>%\n\"'`{}[]") || strings.Count(m, "#") != strings.Count(m, ";") {
			t.Errorf("mermaidText(%q) = %s", s, m)
		}
	})
}
