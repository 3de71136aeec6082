package sarif

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/golden"
	"github.com/netsift/netsift/cmd/internal/report/sample"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

func full() *report.Report {
	r := sample.Report()
	r.Rules = sample.Catalogue()
	r.Origin = &report.Origin{Command: "netsift analyze -o sarif caps/node1.pcap.zst", SHA256: []string{strings.Repeat("0123456789abcdef", 4), "", ""}}
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

// TestSchema holds reports against the schema that OASIS published.
func TestSchema(t *testing.T) {
	schema := jsonschema.NewCompiler()
	schema.AssertFormat()
	s, err := schema.Compile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	hostile := sample.Poison(*full())
	for i := range hostile.Findings {
		hostile.Findings[i].Title = "[link](http://x) {0} " + sample.Hostile
	}
	everyRule := full()
	everyRule.Rules = policy.New().Effective()
	for name, r := range map[string]*report.Report{
		"sample": full(), "empty": {Version: "0.1.0", Facts: &fact.Facts{}}, "hostile": &hostile, "every rule": everyRule,
	} {
		text := write(t, r)
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, c := range []string{"\x1b", "\u202e", "\u009b", "\u200b"} {
			if bytes.Contains(text, []byte(c)) {
				t.Errorf("%s: holds %q", name, c)
			}
		}
	}
}

func TestGolden(t *testing.T) {
	golden.Check(t, "report.sarif", write(t, full()))
}

// TestCodeScanning holds what GitHub asks for beyond the schema:
// https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
func TestCodeScanning(t *testing.T) {
	r := full()
	r.Rules = policy.New().Effective()
	r.Findings = append(r.Findings, rules.Finding{Rule: "cap-empty", ID: "cap-empty:1", Title: "without evidence", Severity: rules.Info})
	var doc log
	if err := json.Unmarshal(write(t, r), &doc); err != nil {
		t.Fatal(err)
	}
	run := &doc.Runs[0]
	for i := range run.Tool.Driver.Rules {
		x := &run.Tool.Driver.Rules[i]
		if x.ShortDescription.Text == "" || x.FullDescription.Text == "" || x.Help.Text == "" || x.Help.Markdown == "" || x.HelpURI == "" {
			t.Errorf("%s lacks a description or help: %+v", x.ID, x)
		}
		if strings.Contains(x.Help.Text, `\x0a`) {
			t.Errorf("%s: its help has an escaped line break: %s", x.ID, x.Help.Text)
		}
	}
	if want := len(r.Findings) + len(r.Suppressed); len(run.Results) != want {
		t.Fatalf("%d results, want %d", len(run.Results), want)
	}
	suppressed := 0
	for i := range run.Results {
		x := &run.Results[i]
		if x.RuleIndex == nil || run.Tool.Driver.Rules[*x.RuleIndex].ID != x.RuleID {
			t.Errorf("%s: its rule is not at its index", x.RuleID)
		}
		if len(x.Locations) != 1 || x.Locations[0].Physical == nil || x.Locations[0].Physical.Region.StartLine == 0 {
			t.Errorf("%s has no location", x.RuleID)
			continue
		}
		if uri := x.Locations[0].Physical.Artifact.URI; uri == "" {
			t.Errorf("%s: its location has no file", x.RuleID)
		} else if _, err := url.Parse(uri); err != nil {
			t.Error(err)
		}
		if x.Message.Text == "" || x.PartialFingerprints["primaryLocationLineHash"] == "" {
			t.Errorf("%s has no message or no fingerprint", x.RuleID)
		}
		suppressed += len(x.Suppressions)
	}
	if suppressed != len(r.Suppressed) {
		t.Errorf("%d results are suppressed, want %d", suppressed, len(r.Suppressed))
	}
}

func TestSaid(t *testing.T) {
	if got, want := said("see [a](1) of {0}", "", "b\n").Text, `see \[a\](1) of {{0}}`+"\n\n"+`b\\x0a`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
