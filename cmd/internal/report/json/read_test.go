package json

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/sample"
)

// again returns what a report is in JSON after it has been read from JSON.
func again(t *testing.T, text []byte) []byte {
	t.Helper()
	doc, err := ReadDocument(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := doc.Report()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Report(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestReadReport holds that a report which is read and written again is the same.
func TestReadReport(t *testing.T) {
	hostile := sample.PoisonWith(*sample.Report(), "a\x1b[31m\u202e<b>\xff")
	hostile.Facts.Captures = hostile.Facts.Captures[:1] // of files with one name the first is meant
	for i := range hostile.Findings {
		hostile.Findings[i].Evidence = hostile.Findings[i].Evidence[:0]
	}
	hostile.Verdict.Account.Open[0].Evidence = nil
	hostile.Verdict.DNS, hostile.Verdict.Service, hostile.Verdict.CNI = "ok", "failing", "unknown"
	hostile.Suppressed = nil
	for name, r := range map[string]*report.Report{"sample": sample.Report(), "partial": sample.Partial(), "empty": {Version: "0.1.0", Facts: &fact.Facts{}}, "hostile": &hostile} {
		var b bytes.Buffer
		if err := Report(&b, r); err != nil {
			t.Fatal(err)
		}
		// A byte that is no UTF-8 becomes a sign for that, which is written as it is.
		want := strings.ReplaceAll(b.String(), `\ufffd`, "\ufffd")
		if got := again(t, b.Bytes()); string(got) != want {
			t.Errorf("%s: %s", name, cmp.Diff(want, string(got)))
		}
	}
}

func TestReadOtherVersions(t *testing.T) {
	var b bytes.Buffer
	if err := Report(&b, sample.Report()); err != nil {
		t.Fatal(err)
	}
	old := strings.ReplaceAll(b.String(), `\ufffd`, "\ufffd")
	newer := strings.NewReplacer(`"schema"`, `"later": {"x": [1]}, "schema"`, `"count"`, `"later": null, "count"`).Replace(old)
	if got := again(t, []byte(newer)); string(got) != old {
		t.Errorf("with new fields it became\n%s", got)
	}
	// An older one has not all of them.
	again(t, []byte(strings.ReplaceAll(old, `"torn": false,`, "")))
}

func TestReadNoReport(t *testing.T) {
	var b bytes.Buffer
	if err := Report(&b, sample.Report()); err != nil {
		t.Fatal(err)
	}
	is := b.String()
	for _, c := range []struct{ text, want string }{
		{"", "is empty"},
		{"To do: buy milk\n", "is no report"},
		{"[]", "is no report"},
		{"{}", "no schema"},
		{`{"schema": "netsift.stats/v1"}`, "is no report but netsift.stats/v1"},
		{`{"schema": "netsift.report/v2"}`, "is a report of another form, netsift.report/v2"},
		{"{\"type\":\"config\"}\n{\"type\":\"end\"}\n", "is a stream of events"},
		{is[:len(is)/2], "is no report"},
		{strings.Replace(is, `"captures": [`, `"captures": [5,`, 1), "is a damaged report"},
		{strings.Replace(is, `"severity": "critical"`, `"severity": "bad"`, 1), `findings[0] has "bad" as a severity`},
		{strings.Replace(is, `"10.244.1.5"`, `"10.244.1"`, 1), `has "10.244.1" as an address`},
		{strings.Replace(is, `"first": "2026-`, `"first": "9026-`, 1), `captures[0] has "9026-11-23T03:36:12.000123Z" as a time`},
		{strings.Replace(is, `"dns": "ok"`, `"dns": "fine"`, 1), `verdict has "fine" as a state`},
	} {
		doc, err := ReadDocument(strings.NewReader(c.text))
		if err == nil {
			_, err = doc.Report()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: %v, want %q", c.text, err, c.want)
		}
	}
}

func FuzzReadReport(f *testing.F) {
	var b bytes.Buffer
	if err := Report(&b, sample.Report()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := ReadDocument(bytes.NewReader(text))
		if err != nil {
			return
		}
		r, err := doc.Report()
		if err != nil {
			return
		}
		b.Reset()
		if err := Report(&b, r); err != nil {
			t.Fatal(err)
		}
		if once := bytes.Clone(b.Bytes()); !bytes.Equal(again(t, once), once) {
			t.Error("it changes each time it is read")
		}
	})
}
