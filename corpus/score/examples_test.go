package score

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/rules"
)

// TestExamples: a rule's findings about connections that went the same way do not depend on which was kept as an example. Of
// many, a few are.
func TestExamples(t *testing.T) {
	cut := 0
	for _, c := range cases.Some(testing.Short()) {
		s := c.Play()
		how := How{Jobs: 1, NodePorts: s.NodePorts}
		a, err := Ask(t.Context(), s.Files(), how)
		if err != nil {
			t.Fatal(err)
		}
		want := saidOf(a.Findings)
		for _, try := range []struct {
			name string
			keep func([]fact.Connection) []fact.Connection
		}{
			{"the first alone", func(x []fact.Connection) []fact.Connection { return x[:1:1] }},
			{"the last alone", func(x []fact.Connection) []fact.Connection { return x[len(x)-1:] }},
		} {
			few := *a.Facts
			few.Reach = slices.Clone(few.Reach)
			for i := range few.Reach {
				r := &few.Reach[i]
				cut += len(r.Examples) - 1
				r.Examples = try.keep(r.Examples)
			}
			found, _ := rules.Judge(&few)
			if got := saidOf(found); got != want {
				t.Run(c.Name+"/"+try.name, func(t *testing.T) { t.Error(difference(want, got)) })
			}
		}
	}
	if cut < 100 && !testing.Short() {
		t.Errorf("%d examples were left out in all: the test is too small", cut)
	}
}

// saidOf lists the rules that spoke, how loud and about which places.
func saidOf(findings []rules.Finding) string {
	var lines []string
	for i := range findings {
		f := &findings[i]
		places := []string{describe(f.Place)}
		for _, a := range f.Affected {
			places = append(places, describe(a.Place))
		}
		slices.Sort(places)
		lines = append(lines, fmt.Sprintf("%s %s: %s", f.Rule, f.Severity, strings.Join(slices.Compact(places), "; ")))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
