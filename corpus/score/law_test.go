package score

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/corpus/cases"
)

// TestLaws tries on every case that the answer is the same with any number of workers, and in any order of the
// captures.
func TestLaws(t *testing.T) {
	for _, c := range cases.Some(testing.Short()) {
		files := c.Play().Files()
		reversed := slices.Clone(files)
		slices.Reverse(reversed)
		want := digest(t, files, 1)
		for _, try := range []struct {
			name  string
			files []cases.File
			jobs  int
		}{
			{"again", files, 1},
			{"two workers", files, 2},
			{"seven workers", files, 7},
			{"files reversed", reversed, 1},
		} {
			got := digest(t, try.files, try.jobs)
			if got == want {
				continue
			}
			t.Run(c.Name+"/"+try.name, func(t *testing.T) {
				t.Error(difference(want, got))
			})
		}
	}
}

// digest is the part of an answer that scripts see: connections and lookups in any order, findings in theirs.
func digest(t *testing.T, files []cases.File, jobs int) string {
	t.Helper()
	a, err := Ask(t.Context(), files, How{Jobs: jobs})
	if err != nil {
		t.Fatal(err)
	}
	return a.digest()
}

func (a *Answer) digest() string {
	var lines []string
	for i := range a.Connections {
		c := &a.Connections[i]
		legs := ""
		for _, l := range c.Legs {
			legs += fmt.Sprintf(" [%v>%v %s %d]", l.Src, l.Dst, l.Node, l.Frames)
		}
		lines = append(lines, fmt.Sprintf("connection %s %s %v>%v service %v backend %v snat %v %s %s packets %d/%d bytes %d/%d retransmissions %d/%d%s",
			c.ID, c.Proto, c.Client, c.Called, c.Service, c.Backend, c.SNAT, c.Outcome, c.Phase, c.Flow[0].Packets, c.Flow[1].Packets,
			c.Flow[0].Bytes, c.Flow[1].Bytes, c.Flow[0].Retransmissions, c.Flow[1].Retransmissions, legs))
	}
	for i := range a.Lookups {
		l := &a.Lookups[i]
		lines = append(lines, fmt.Sprintf("lookup %v %s %d %d %d %s", l.Client, l.Name, l.Queries, l.Wasted, l.Retries, l.Outcome))
	}
	slices.Sort(lines)
	for i := range a.Findings {
		f := &a.Findings[i]
		lines = append(lines, fmt.Sprintf("finding %s %s %s, %d times, %d places", f.ID, f.Severity, describe(f.Place), f.Count, f.AffectedTotal))
	}
	lines = append(lines, fmt.Sprintf("verdict %s %s %s %s", a.Verdict.Layer, a.Verdict.DNS, a.Verdict.Service, a.Verdict.CNI))
	return strings.Join(lines, "\n")
}

// difference shows the lines that only one of two texts has.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for _, l := range w {
		if !slices.Contains(g, l) {
			fmt.Fprintf(&b, "- %s\n", l)
		}
	}
	for _, l := range g {
		if !slices.Contains(w, l) {
			fmt.Fprintf(&b, "+ %s\n", l)
		}
	}
	if b.Len() == 0 {
		return "the same lines in another order"
	}
	return b.String()
}
