package html_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/cmd/internal/dissect"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/golden"
	"github.com/netsift/netsift/cmd/internal/report/html"
	"github.com/netsift/netsift/cmd/internal/report/sample"
	"github.com/netsift/netsift/rules"
)

// whole is a report that has something in every part.
func whole() *report.Report {
	r := sample.Report()
	r.Origin = &report.Origin{
		Command: "netsift analyze -o html caps/node1.pcap.zst caps/node2.pcap.zst caps/notes.txt",
		SHA256:  []string{"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "", ""},
	}
	f := r.Facts
	f.DNS = *sample.DNS()
	for _, l := range sample.Lookups() {
		f.Lookups = append(f.Lookups, *l)
	}
	f.Timeline = fact.Timeline{Start: sample.Start, Width: 1e9, Buckets: []fact.Bucket{
		{Frames: 300, Opened: 20, Answers: 12, Median: 1e6, Worst: 812e6},
		{Frames: 21, Resends: 57, Opened: 20, Failed: 12, Unanswered: 2, Median: -1, Worst: -1},
		{Frames: 300, Median: -1, Worst: -1},
	}}
	r.Findings[0].Root = &fact.Root{Kind: "not-ready", Text: "No endpoint of <b>shop/cart</b> is ready.", Source: "cluster.json: EndpointSlice shop/cart-x"}
	r.Frames = map[fact.Ref]*dissect.Dissection{}
	for i := range r.Findings {
		for _, e := range r.Findings[i].Evidence {
			r.Frames[e.Ref] = &dissect.Dissection{Layers: []dissect.Layer{
				{Name: "IPv4", Summary: "10.244.2.8 to 10.244.1.5", Length: 20, Fields: []dissect.Field{{Name: "TTL", Value: "64"}, {Name: "protocol", Value: "TCP (6)"}}},
				{Name: "DNS", Summary: sample.Hostile + "<script>alert(1)</script>", Offset: 20, Length: 30, Fields: []dissect.Field{
					{Name: "<b>x", Value: sample.Hostile}, {Name: "long", Value: strings.Repeat("<long> ", 100)}, {Name: "not shown", Value: "x"},
				}},
				{Name: "HTTP", Summary: "GET /secret", Offset: 50, Length: 12, Fields: []dissect.Field{{Name: "Cookie", Value: "secret"}}, Payload: true},
			}, Stop: "<i>cut</i>"}
		}
	}
	for _, c := range sample.Connections() {
		r.Walks = append(r.Walks, &report.Walk{Walk: trace.Outline(c, f), Captures: f.Captures})
	}
	return r
}

func render(t *testing.T, r *report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := html.Report(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// embedded are the parts of a page that have files of their own, and the hashes that follow from them.
var embedded = regexp.MustCompile(`(?s)(<style>|<script>).*?(</style>|</script>)|(sha256-)[A-Za-z0-9+/=&#;]+`)

func TestReport(t *testing.T) {
	golden.Check(t, "report.html", embedded.ReplaceAll(render(t, whole()), []byte("$1$3…$2")))
	empty := &report.Report{Version: "0.1.0", Facts: &fact.Facts{Captures: sample.Captures()}}
	golden.Check(t, "empty.html", embedded.ReplaceAll(render(t, empty), []byte("$1$3…$2")))
}

// TestPayload holds that a report shows nothing of what programs sent.
func TestPayload(t *testing.T) {
	if page := render(t, whole()); bytes.Contains(page, []byte("secret")) || !bytes.Contains(page, []byte("<dt>HTTP <span>12 bytes</span></dt>")) {
		t.Error("a payload is shown")
	}
}

// TestBounds holds that a report of any number of findings can be mailed, and says what it leaves out.
func TestBounds(t *testing.T) {
	r := whole()
	one := r.Findings[0]
	r.Findings, r.Walks = nil, nil
	for i := range 1500 {
		f := one
		f.ID = fmt.Sprintf("%s-%d", one.ID, i)
		for len(f.Affected) < 100 {
			f.Affected = append(f.Affected, rules.Affected{Place: one.Place, Count: 1})
		}
		f.AffectedTotal = 10_000
		for len(f.Evidence) < 20 {
			f.Evidence = append(f.Evidence, one.Evidence[0])
		}
		r.Findings = append(r.Findings, f)
	}
	for i := range 2000 {
		l := *sample.Lookups()[0]
		l.Name = fmt.Sprintf("%d.%s", i, strings.Repeat("a-long-name.", 20))
		for len(l.Candidates) < 100 {
			l.Candidates = append(l.Candidates, l.Candidates[0])
		}
		r.Facts.Lookups = append(r.Facts.Lookups, l)
	}
	for len(r.Facts.Timeline.Buckets) < fact.MaxBuckets {
		r.Facts.Timeline.Buckets = append(r.Facts.Timeline.Buckets, fact.Bucket{Frames: 1 << 40, Answers: 1, Median: 1, Worst: 1})
	}
	page := render(t, r)
	if len(page) > 3<<20 {
		t.Errorf("the report has %d bytes", len(page))
	}
	for _, said := range []string{"500 more findings are left out here", "and 9,980 more places", "1,953 more names are left out here", "and 84 more names"} {
		if !bytes.Contains(page, []byte(said)) {
			t.Errorf("the report does not say %q", said)
		}
	}
}
