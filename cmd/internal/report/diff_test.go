package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

// reportOf makes a report of findings such as "a:1f2e critical 3". Those behind "unlisted" are only counted.
func reportOf(lines ...string) *Report {
	r := &Report{Facts: &fact.Facts{}}
	for _, l := range lines {
		var id, severity string
		var n uint64
		fmt.Sscan(l, &id, &severity, &n)
		s := map[string]rules.Severity{"info": rules.Info, "warning": rules.Warning, "critical": rules.Critical}[severity]
		r.BySeverity[s]++
		if id != "unlisted" {
			layer := rules.LayerCNI
			if strings.HasPrefix(id, "cap-") {
				layer = rules.LayerCapture
			}
			r.Findings = append(r.Findings, rules.Finding{ID: id, Layer: layer, Severity: s, Count: n})
		}
	}
	return r
}

// told says in a line what changed.
func told(d *Diff) string {
	var list []string
	add := func(what string, fs []*rules.Finding) {
		for _, f := range fs {
			list = append(list, what+" "+f.ID)
		}
	}
	changed := func(what string, cs []Changed) {
		for _, c := range cs {
			list = append(list, what+" "+c.Before.ID+">"+c.After.ID)
		}
	}
	add("new", d.New)
	changed("worse", d.Worse)
	changed("better", d.Better)
	add("gone", d.Gone)
	return strings.Join(append(list, fmt.Sprintf("same %d unknown %d", d.Same, d.Unknown)), ", ")
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after []string
		least         rules.Severity
		want          string
		bad           bool
	}{
		{"nothing", nil, nil, 0, "same 0 unknown 0", false},
		{"the same", []string{"a:1111 info 1"}, []string{"a:1111 info 1"}, 0, "same 1 unknown 0", false},
		{"new", nil, []string{"a:1111 info 1"}, 0, "new a:1111, same 0 unknown 0", true},
		{"gone", []string{"a:1111 critical 1"}, nil, 0, "gone a:1111, same 0 unknown 0", false},
		{"more often", []string{"a:1111 info 1"}, []string{"a:1111 info 2"}, 0, "worse a:1111>a:1111, same 0 unknown 0", true},
		{"severity goes first", []string{"a:1111 critical 1"}, []string{"a:1111 warning 9"}, 0, "better a:1111>a:1111, same 0 unknown 0", false},
		{"another cause", []string{"a:1111 info 1"}, []string{"a:2222 info 1"}, 0, "new a:2222, gone a:1111, same 0 unknown 0", true},
		{"a longer id", []string{"a:1111 info 1"}, []string{"a:11119999 info 1", "a:11118888 info 2"}, 0, "new a:11118888, same 1 unknown 0", true},
		{"a shorter id", []string{"a:11119999 info 1", "a:11118888 info 2"}, []string{"a:1111 info 1"}, 0, "gone a:11118888, same 1 unknown 0", false},
		{"its own id goes first", []string{"a:1111 info 1", "a:11119999 info 1"}, []string{"a:11119999 info 1"}, 0, "gone a:1111, same 1 unknown 0", false},
		{"another rule with the hash", []string{"a:1111 info 1"}, []string{"b:1111 info 1"}, 0, "new b:1111, gone a:1111, same 0 unknown 0", true},
		{"below what is asked for", []string{"a:1111 info 1"}, []string{"b:1111 info 1"}, rules.Warning, "same 0 unknown 0", false},
		{"sinks below it", []string{"a:1111 critical 1"}, []string{"a:1111 info 1"}, rules.Warning, "better a:1111>a:1111, same 0 unknown 0", false},
		{"a blind spot", []string{"cap-x:1111 info 1"}, []string{"cap-x:2222 info 1", "cap-y:1111 warning 1"}, 0, "new cap-y:1111, same 0 unknown 0", true},
		{"left out before", []string{"unlisted info"}, []string{"a:1111 info 1", "b:1111 warning 1"}, 0, "new b:1111, same 0 unknown 1", true},
		{"left out after", []string{"a:1111 info 1"}, []string{"unlisted info"}, 0, "same 0 unknown 1", false},
	} {
		d := Compare(reportOf(c.before...), reportOf(c.after...), c.least)
		if got := told(d); got != c.want || d.Bad() != c.bad {
			t.Errorf("%s: %s, bad %v, want %s, %v", c.name, got, d.Bad(), c.want, c.bad)
		}
	}
}

// TestCompareParts: what a report leaves out because of the part that it was asked for is neither new nor gone.
func TestCompareParts(t *testing.T) {
	pod, other := &Part{Filter: "host 10.0.0.1", Since: 1}, &Part{Filter: "host 10.0.0.2"}
	for _, c := range []struct {
		before, after *Part
		want          string
	}{
		{nil, nil, "new b:1111, gone a:1111, same 0 unknown 0"},
		{pod, nil, "gone a:1111, same 0 unknown 1"},
		{nil, pod, "new b:1111, same 0 unknown 1"},
		{pod, other, "same 0 unknown 2"},
		{pod, &Part{Filter: "host 10.0.0.1"}, "same 0 unknown 2"},
		{pod, &Part{Filter: "host 10.0.0.1", Since: 2}, "new b:1111, gone a:1111, same 0 unknown 0"},
	} {
		before, after := reportOf("a:1111 info 1"), reportOf("b:1111 info 1")
		before.Part, after.Part = c.before, c.after
		if got := told(Compare(before, after, 0)); got != c.want {
			t.Errorf("%+v and %+v: %s, want %s", c.before, c.after, got, c.want)
		}
	}
}
