package junit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/golden"
	"github.com/netsift/netsift/cmd/internal/report/sample"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

func full() *report.Report {
	r := sample.Report()
	r.Rules = append(policy.New().Effective(), sample.Catalogue()[2])
	r.Verdict.DNS = rules.Unknown
	r.Suppressed[0].Rule = "svc-no-dnat"
	return r
}

func write(t *testing.T, r *report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Report(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	golden.Check(t, "report.xml", write(t, full()))
}

// form is what Jenkins' schema (junit-10.xsd) allows, of what is written: for each element its attributes, * for those that it
// must have, and what may be in it.
var form = map[string]struct{ attributes, children []string }{
	"testsuites": {[]string{"name", "tests", "failures", "errors", "time"}, []string{"testsuite"}},
	"testsuite":  {[]string{"*name", "*tests", "*failures", "*errors", "skipped", "time", "timestamp"}, []string{"properties", "testcase"}},
	"properties": {nil, []string{"property"}},
	"property":   {[]string{"*name", "*value"}, nil},
	"testcase":   {[]string{"*name", "classname", "time"}, []string{"skipped", "error", "failure", "system-out"}},
	"skipped":    {[]string{"message", "type"}, nil},
	"error":      {[]string{"message", "type"}, nil},
	"failure":    {[]string{"message", "type"}, nil},
	"system-out": {nil, nil},
}

// check reads a document strictly, and returns how many elements of each name it has.
func check(t *testing.T, text []byte) map[string]int {
	t.Helper()
	seen := map[string]int{}
	var open []string
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return seen
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			name := x.Name.Local
			f, known := form[name]
			if !known || len(open) == 0 && name != "testsuites" || len(open) > 0 && !slices.Contains(form[open[len(open)-1]].children, name) {
				t.Errorf("%s in %v", name, open)
			}
			var has []string
			for _, a := range x.Attr {
				has = append(has, a.Name.Local)
				if !slices.Contains(f.attributes, a.Name.Local) && !slices.Contains(f.attributes, "*"+a.Name.Local) {
					t.Errorf("%s has %s", name, a.Name.Local)
				}
			}
			for _, a := range f.attributes {
				if a[0] == '*' && !slices.Contains(has, a[1:]) {
					t.Errorf("%s lacks %s", name, a[1:])
				}
			}
			seen[name]++
			open = append(open, name)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

func TestForm(t *testing.T) {
	hostile := sample.Poison(*full())
	for i := range hostile.Rules {
		hostile.Rules[i].On = i%2 == 0
	}
	for i := range hostile.Findings {
		hostile.Findings[i].Explanation = "]]> <b> &amp; " + sample.Hostile
	}
	for name, r := range map[string]*report.Report{"sample": full(), "empty": {Facts: &fact.Facts{}}, "hostile": &hostile} {
		text := write(t, r)
		check(t, text)
		for _, c := range string(text) {
			if c != '\n' && !unicode.IsPrint(c) {
				t.Errorf("%s: holds %q", name, c)
			}
		}
	}
}

// TestCounts holds that the sums in the suite's head are those of its tests: pipelines believe the head.
func TestCounts(t *testing.T) {
	text := write(t, full())
	seen := check(t, text)
	var doc suites
	if err := xml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	s := doc.Suites[0]
	failed := 0
	for _, c := range s.Cases {
		if c.Failure != nil {
			failed++
		}
	}
	got := []int{s.Tests, s.Failures, s.Errors, s.Skipped}
	if diff := cmp.Diff([]int{seen["testcase"], failed, seen["error"], seen["skipped"]}, got); diff != "" {
		t.Error(diff)
	}
	if s.Failures == 0 || s.Errors == 0 || s.Skipped == 0 || s.Failures+s.Errors+s.Skipped == s.Tests {
		t.Errorf("of each kind there should be one: %s", strconv.Itoa(s.Tests))
	}
}

// TestOutcomes holds what becomes of a rule.
func TestOutcomes(t *testing.T) {
	r := full()
	for _, c := range []struct {
		rule string
		fail rules.Severity
		want string
	}{
		{"cni-mtu-blackhole", 0, "failed"},
		{"dns-slow", 0, "failed"},
		{"dns-slow", rules.Critical, "passed"},
		{"dns-slow", rules.Critical + 1, "failed"},
		{"dns-search-expansion", 0, "passed"},
		{"dns-search-expansion", rules.Info, "failed"},
		{"dns-nxdomain", 0, "skipped"}, // DNS is unknown
		{"cni-df-drop", 0, "passed"},   // CNI is known
		{"svc-no-dnat", 0, "skipped"},  // accepted
		{"cap-filtered", 0, "skipped"}, // a blind spot
		{"cap-one-interface", 0, "passed"},
		{"app-refused", 0, "passed"},
	} {
		r.FailOn = c.fail
		var rule *policy.Rule
		for i := range r.Rules {
			if r.Rules[i].ID == c.rule {
				rule = &r.Rules[i]
			}
		}
		x := newCase(r, rule)
		got := "passed"
		switch {
		case x.Failure != nil:
			got = "failed"
		case x.Skipped != nil:
			got = "skipped"
		}
		if got != c.want {
			t.Errorf("%s with --fail-on %d %s, want %s", c.rule, c.fail, got, c.want)
		}
	}
}
