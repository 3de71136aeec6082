package text

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/golden"
	"github.com/netsift/netsift/cmd/internal/report/sample"
	"github.com/netsift/netsift/rules"
)

// outputs are all forms of text, by name.
var outputs = []struct {
	name  string
	write func(io.Writer, Options) error
}{
	{"report", func(w io.Writer, o Options) error {
		o.Long = true
		return Report(w, sample.Report(), o)
	}},
	{"brief", func(w io.Writer, o Options) error { return Report(w, sample.Report(), o) }},
	{"partial", func(w io.Writer, o Options) error { return Report(w, sample.Partial(), o) }},
	{"healthy", func(w io.Writer, o Options) error { return Report(w, healthy(), o) }},
	{"flows", func(w io.Writer, o Options) error { return flows(w, o, sample.Connections()) }},
	{"dns", func(w io.Writer, o Options) error { return lookups(w, o, sample.Lookups(), sample.DNS()) }},
	{"services", func(w io.Writer, o Options) error { return Services(w, sample.Services(), o) }},
	{"stats", func(w io.Writer, o Options) error { return Stats(w, sample.Tallies(), o) }},
	{"rules", func(w io.Writer, o Options) error { return Rules(w, sample.Catalogue(), o) }},
	{"rule", func(w io.Writer, o Options) error { return RulesInFull(w, sample.Catalogue()[:1], o) }},
	{"diff", func(w io.Writer, o Options) error { return Diff(w, diff(sample.Report()), o) }},
	{"framed", func(w io.Writer, o Options) error {
		return Framed(w, healthy(), &Frame{Before: []string{"Before it."}, After: []string{"After it:", "tcpdump -i any -w node1.pcap"}}, o)
	}},
}

// diff compares a report with one in which each finding is in another way not what it was.
func diff(after *report.Report) *report.Diff {
	before := *after
	before.Findings = append([]rules.Finding{}, after.Findings[1:]...)
	before.Findings[0].Severity, before.Findings[1].Count = rules.Warning, 1
	before.Findings[2].Count += 1000
	before.Findings = append(before.Findings, rules.Finding{ID: "app-reset:0c2f", Severity: rules.Warning, Title: "connections are reset", Count: 3, First: sample.Start})
	d := report.Compare(&before, after, rules.Info)
	d.Unknown = 2
	return d
}

func healthy() *report.Report {
	return &report.Report{
		Facts:   &fact.Facts{Captures: sample.Captures()[:1], Totals: fact.Totals{Frames: 295, Connections: 1}},
		Verdict: rules.Verdict{DNS: rules.OK, Service: rules.OK, CNI: rules.Unknown, Text: "Nothing is wrong with the 1 connection and 0 lookups seen."},
	}
}

func flows(w io.Writer, o Options, list []*fact.Connection) error {
	h := NewFlows(w, o)
	for _, c := range list {
		if err := h.Connection(c); err != nil {
			return err
		}
	}
	return h.Close()
}

func lookups(w io.Writer, o Options, list []*fact.Lookup, d *fact.DNSTotals) error {
	h := NewLookups(w, o)
	for _, l := range list {
		if err := h.Lookup(l); err != nil {
			return err
		}
	}
	return h.Close(d)
}

func TestGolden(t *testing.T) {
	for _, out := range outputs {
		for _, width := range []int{0, 40, 80, 160} {
			name := fmt.Sprintf("%s-%d.txt", out.name, width)
			t.Run(name, func(t *testing.T) {
				var b bytes.Buffer
				if err := out.write(&b, Options{Width: width}); err != nil {
					t.Fatal(err)
				}
				golden.Check(t, name, b.Bytes())
			})
		}
	}
}

// TestColour holds that colour changes nothing but looks, and takes nothing but the 16 colours of the terminal's theme.
func TestColour(t *testing.T) {
	sgr := regexp.MustCompile("\x1b\\[([0-9;]*)m")
	allowed := map[string]bool{"": true, "0": true, "1": true, "2": true, "7": true, "31": true, "32": true, "33": true, "36": true}
	for _, out := range outputs {
		t.Run(out.name, func(t *testing.T) {
			var plain, coloured bytes.Buffer
			if err := out.write(&plain, Options{Width: 80}); err != nil {
				t.Fatal(err)
			}
			if err := out.write(&coloured, Options{Width: 80, Color: true}); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(plain.String(), "\x1b") {
				t.Error("an escape sequence without colour")
			}
			if got := sgr.ReplaceAllString(coloured.String(), ""); got != plain.String() {
				t.Errorf("without its colours it reads\n%s\nwant\n%s", got, plain.String())
			}
			for _, m := range sgr.FindAllStringSubmatch(coloured.String(), -1) {
				for code := range strings.SplitSeq(m[1], ";") {
					if !allowed[code] {
						t.Errorf("colour %q", m[0])
					}
				}
			}
		})
	}
}

// TestHostile holds that the terminal gets printable text, with any strings from captures, rules and file names.
func TestHostile(t *testing.T) {
	f := sample.Report()
	p := sample.Poison(*f)
	// Not every finding is poisoned beyond recognition.
	for i := range p.Findings {
		p.Findings[i].Rule = f.Findings[i].Rule + sample.Hostile
	}
	for _, width := range []int{0, 40, 80} {
		var b bytes.Buffer
		for _, err := range []error{
			Report(&b, &p, Options{Width: width}),
			Report(&b, &p, Options{Width: width, Long: true}),
			Diff(&b, diff(&p), Options{Width: width}),
			flows(&b, Options{Width: width}, sample.Poison(sample.Connections())),
			lookups(&b, Options{Width: width}, sample.Poison(sample.Lookups()), sample.DNS()),
			Stats(&b, sample.Poison(sample.Tallies()), Options{Width: width}),
			Rules(&b, sample.Poison(sample.Catalogue()), Options{Width: width}),
			RulesInFull(&b, sample.Poison(sample.Catalogue())[:1], Options{Width: width}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for i, line := range strings.Split(b.String(), "\n") {
			if k := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); k >= 0 {
				t.Errorf("width %d, line %d: %q", width, i+1, line)
			}
		}
	}
}

// TestWidth holds that tables fit, and prose too but for what must stay whole to be copied.
func TestWidth(t *testing.T) {
	for _, out := range outputs {
		for _, w := range []int{40, 60, 80, 100, 120, 160} {
			var b bytes.Buffer
			if err := out.write(&b, Options{Width: w}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				line = strings.TrimSuffix(line, "\n")
				if line != strings.TrimRight(line, " ") {
					t.Errorf("%s at %d: spaces at the end of %q", out.name, w, line)
				}
				// A command, or a name with spaces in it.
				whole := report.IsCommand(strings.TrimSpace(line)) || strings.Contains(line, `\x1b`)
				if n := width(line); n > w && w >= 80 && !whole && strings.Count(strings.TrimSpace(line), " ") > 3 {
					t.Errorf("%s at %d: %d columns: %q", out.name, w, n, line)
				}
			}
		}
	}
}

func TestCommandsStayWhole(t *testing.T) {
	long := "kubectl get pods -A -o wide --field-selector spec.nodeName=node-with-a-very-long-name.example.com,status.phase=Running"
	r := healthy()
	r.Findings = []rules.Finding{{Rule: "x", Severity: rules.Critical, Title: "t", NextSteps: []string{long, long + " # why"}}}
	var b bytes.Buffer
	if err := Report(&b, r, Options{Width: 40, Long: true}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(b.String()) {
		if strings.TrimSpace(line) == long {
			n++
		}
	}
	if n != 2 {
		t.Errorf("the command stands %d times alone on a line, want 2:\n%s", n, b.String())
	}
}

// TestStreaming holds that a long table begins before it ends, and that rows beyond those that chose the columns appear.
func TestStreaming(t *testing.T) {
	var b bytes.Buffer
	h := NewFlows(&b, Options{Width: 80})
	c := sample.Connections()[0]
	for i := range sampleRows + 10 {
		if i == sampleRows-1 && b.Len() > 0 {
			t.Fatal("written before the columns were known")
		}
		if err := h.Connection(c); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Count(b.String(), "\n"); got != sampleRows+11 {
		t.Errorf("%d lines before the end, want %d", got, sampleRows+11)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(b.String(), "CLIENT"); got != 1 {
		t.Errorf("%d headings", got)
	}
}

func TestNothing(t *testing.T) {
	var b bytes.Buffer
	if err := flows(&b, Options{}, nil); err != nil || b.String() != "No connection was seen.\n" {
		t.Errorf("flows: %q, %v", b.String(), err)
	}
	b.Reset()
	if err := lookups(&b, Options{}, nil, &fact.DNSTotals{}); err != nil || b.String() != "No name lookup was seen.\n" {
		t.Errorf("dns: %q, %v", b.String(), err)
	}
}

// TestBrief: a finding, whatever is known of it, takes no more than its lines on a terminal of 80 columns, and two leave room for the verdict.
func TestBrief(t *testing.T) {
	long := strings.Repeat("a sentence that goes on ", 20)
	f := rules.Finding{
		Rule: "cni-mtu-blackhole", Severity: rules.Critical, Title: long, Count: 2, Because: []string{long, long, long}, Root: &fact.Root{Text: long},
		Where: &fact.Where{}, NextSteps: []string{"ip link # " + long}, Connections: []string{"node1:1"}, AffectedTotal: 3,
	}
	for _, n := range []int{1, 2, 3, mostOfRule} {
		r := healthy()
		for range n {
			r.Findings = append(r.Findings, f)
		}
		p := newPage(Options{Width: 80}, r.Facts.Captures)
		p.brief(r)
		for i, block := range strings.Split(strings.TrimSpace(p.String()), "\n\n") {
			lines := strings.Split(block, "\n")
			if len(lines) > mostLines || n > 1 && len(lines) > max(leastLines, screen/n) {
				t.Errorf("finding %d of %d takes %d lines:\n%s", i+1, n, len(lines), block)
			}
			if !strings.HasPrefix(block, fmt.Sprintf("%d CRITICAL", i+1)) || !strings.Contains(block, "…") {
				t.Errorf("finding %d of %d:\n%s", i+1, n, block)
			}
		}
	}
}

// TestCrowd: of a rule that finds the same of a thousand Services some findings are told, and the others counted; those of another rule behind them are told, too.
func TestCrowd(t *testing.T) {
	r := healthy()
	for range 1234 {
		r.Findings = append(r.Findings, rules.Finding{Rule: "svc-no-endpoints", Severity: rules.Critical, Title: "no endpoints"})
	}
	r.Findings = append(r.Findings, rules.Finding{Rule: "dns-refused", Severity: rules.Warning, Title: "refused"})
	p := newPage(Options{Width: 80}, r.Facts.Captures)
	p.brief(r)
	if n := strings.Count(p.String(), "no endpoints"); n != mostOfRule {
		t.Errorf("%d findings of a crowd are told", n)
	}
	for _, want := range []string{"1235 WARNING  refused", "\nAnd 1,229 more of svc-no-endpoints: -v shows all.\n"} {
		if !strings.Contains(p.String(), want) {
			t.Errorf("%q is missing:\n%s", want, p)
		}
	}
}
