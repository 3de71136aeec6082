package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Suites   []suite  `xml:"testsuite"`
}

type suite struct {
	Name       string     `xml:"name,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       string     `xml:"time,attr"`
	Timestamp  string     `xml:"timestamp,attr,omitempty"`
	Properties []property `xml:"properties>property"`
	Cases      []testcase `xml:"testcase"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testcase struct {
	Class   string    `xml:"classname,attr"`
	Name    string    `xml:"name,attr"`
	Time    string    `xml:"time,attr"`
	Skipped *outcome  `xml:"skipped"`
	Error   *outcome  `xml:"error"`
	Failure []outcome `xml:"failure"`
	Out     string    `xml:"system-out,omitempty"`
}

type outcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

// Report writes r as one test suite with a test for each rule. A test fails where the rule has a finding at or above the severity
// that fails a run, a warning if none does. It is skipped where nothing can be said: the rule is off, its findings are accepted, or
// the captures do not show its layer.
func Report(w io.Writer, r *report.Report) error {
	s := newSuite(r)
	for i := range r.Facts.Captures {
		if c := &r.Facts.Captures[i]; c.Error != "" {
			s.Cases = append(s.Cases, testcase{
				Class: "netsift.capture", Name: "read " + report.Clean(c.File), Error: &outcome{Message: report.Clean(c.Error), Type: "unreadable"},
			})
		}
	}
	s.Cases = append(s.Cases, accountCase(r))
	for i := range r.Rules {
		s.Cases = append(s.Cases, newCase(r, &r.Rules[i]))
	}
	for i := range s.Cases {
		c := &s.Cases[i]
		c.Time = "0"
		s.Tests++
		switch {
		case c.Error != nil:
			s.Errors++
		case c.Failure != nil:
			s.Failures++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(suites{Name: "netsift", Tests: s.Tests, Failures: s.Failures, Errors: s.Errors, Suites: []suite{s}}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func newSuite(r *report.Report) suite {
	s := suite{Time: "0", Properties: []property{{"netsift.version", report.Clean(r.Version)}, {"verdict", report.Clean(r.Verdict.Text)}}}
	if r.Part != nil {
		s.Properties = append(s.Properties, property{"part", r.Part.Text(&r.Facts.Totals)})
	}
	if r.Redacted {
		s.Properties = append(s.Properties, property{"redacted", report.RedactionNote})
	}
	var files []string
	for i := range r.Facts.Captures {
		c := &r.Facts.Captures[i]
		files = append(files, report.Clean(c.File))
		if c.Frames > 0 && s.Timestamp == "" {
			s.Timestamp = time.Unix(0, c.First).UTC().Format("2006-01-02T15:04:05")
		}
		if r.Origin != nil && i < len(r.Origin.SHA256) && r.Origin.SHA256[i] != "" {
			s.Properties = append(s.Properties, property{"sha256 " + report.Clean(c.File), r.Origin.SHA256[i]})
		}
	}
	s.Name = "netsift " + strings.Join(files, " ")
	return s
}

// accountCase tests that findings explain every connection that failed. It fails only where that is to fail a run.
func accountCase(r *report.Report) testcase {
	c := testcase{Class: "netsift.account", Name: "every failed connection is explained"}
	a := &r.Verdict.Account
	if a.Unexplained == 0 {
		return c
	}
	var b strings.Builder
	list, _ := report.Account(r)
	for i := range list {
		fmt.Fprintf(&b, "%s: %s. %s\n", strings.Join(list[i].Stations, " > "), list[i].What, list[i].Where)
	}
	said := outcome{Message: fmt.Sprintf("%d of %d are unexplained", a.Unexplained, a.Failed+a.Late), Type: "unexplained", Text: report.Clean(b.String())}
	if r.FailUnexplained {
		c.Failure = []outcome{said}
	} else {
		c.Skipped = &outcome{Message: said.Message, Text: said.Text}
	}
	return c
}

func newCase(r *report.Report, rule *policy.Rule) testcase {
	c := testcase{Class: "netsift." + report.Clean(string(rule.Layer)), Name: report.Clean(rule.ID + ": " + rule.Title)}
	fail := r.FailOn
	if fail > rules.Critical || fail == 0 {
		fail = rules.Warning
	}
	var told []string
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case f.Rule != rule.ID:
		case f.Layer == rules.LayerCapture && f.Severity < fail:
			c.Skipped = &outcome{Message: report.Clean(f.Title), Text: report.Clean(f.Explanation)}
		case f.Severity >= fail:
			c.Failure = append(c.Failure, outcome{report.Clean(f.Title), f.Severity.String(), body(r, f)})
		default:
			told = append(told, report.Clean(f.Severity.String()+": "+f.Title))
		}
	}
	c.Out = strings.Join(told, "\n")
	if c.Failure != nil {
		c.Skipped = nil
		return c
	}
	if c.Skipped == nil && told == nil {
		if why := untested(r, rule); why != "" {
			c.Skipped = &outcome{Message: report.Clean(why)}
		}
	}
	return c
}

// untested says why nothing can be said about a rule without findings, "" where it has been tested.
func untested(r *report.Report, rule *policy.Rule) string {
	if !rule.On {
		return "turned off"
	}
	for i := range r.Suppressed {
		if s := &r.Suppressed[i]; s.Rule == rule.ID {
			return "accepted: " + strings.Join(s.Reasons, "; ")
		}
	}
	if r.Facts.Totals.Frames == 0 {
		return "the captures hold no packets"
	}
	state, ok := map[rules.Layer]rules.State{
		rules.LayerDNS: r.Verdict.DNS, rules.LayerService: r.Verdict.Service, rules.LayerCNI: r.Verdict.CNI,
	}[rule.Layer]
	if ok && (state == rules.Unknown || state == "") {
		return "the captures don't show whether this layer works: " + report.LayerName(rule.Layer)
	}
	return ""
}

// body tells a finding in full.
func body(r *report.Report, f *rules.Finding) string {
	var b strings.Builder
	line := func(format string, args ...any) { b.WriteString(report.Clean(fmt.Sprintf(format, args...)) + "\n") }
	line("%s", f.ID)
	line("%s", f.Explanation)
	for _, s := range f.Because {
		line("because: %s", s)
	}
	for _, e := range f.Evidence {
		line("%s:%d %s", report.File(r.Facts.Captures, e.Capture), e.Frame, e.Note)
	}
	for _, s := range f.NextSteps {
		line("next: %s", s)
	}
	return b.String()
}
