package score

import (
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/rules"
)

// TestAccount: no report is silent about a connection that failed. Of every case, of all captures together and of each alone, what failed is
// named by a finding or counted as unexplained, and an all-clear is given only if nothing is.
func TestAccount(t *testing.T) {
	failed, unexplained := 0, 0
	for _, c := range cases.Some(testing.Short()) {
		s := c.Play()
		all := s.Files()
		given := map[string][]cases.File{"together": all}
		for i := range all {
			given[all[i].Name] = all[i : i+1]
		}
		for name, files := range given {
			a, err := Ask(t.Context(), files, How{Jobs: 1, NodePorts: s.NodePorts})
			if err != nil {
				t.Fatal(err)
			}
			if wrong := unbalanced(a); wrong != "" {
				t.Errorf("%s, %s: %s", c.Name, name, wrong)
			}
			if n := a.Verdict.Account.Unexplained; n > 0 && name == "together" && well(&s.Truth) {
				t.Errorf("%s: all is well, and %d are unexplained", c.Name, n)
			}
			failed += int(a.Verdict.Account.Failed)
			unexplained += int(a.Verdict.Account.Unexplained)
		}
	}
	if !testing.Short() && (failed < 100 || unexplained == 0) {
		t.Errorf("%d connections failed in all, %d are unexplained: the test is too small", failed, unexplained)
	}
}

// well reports whether nothing is wrong in a case, and no connection of it fails.
func well(t *cases.Truth) bool {
	failing := func(c cases.Connection) bool { return c.Outcome != "ok" && c.Outcome != "unfinished" }
	return t.Layer == rules.Layer("") && !t.LayerOpen && slices.Contains(t.Forbid, "*") && !slices.ContainsFunc(t.Connections, failing)
}

// unbalanced returns what is wrong about the account of an answer, "" for nothing.
func unbalanced(a *Answer) string {
	named := map[string]bool{}
	for i := range a.Findings {
		for _, id := range a.Findings[i].Connections {
			named[id] = true
		}
	}
	account := &a.Verdict.Account
	for i := range account.Open {
		for _, id := range account.Open[i].Connections {
			named[id] = true
		}
	}
	n := uint64(0)
	for i := range a.Connections {
		c := &a.Connections[i]
		if !c.Failed() {
			continue
		}
		n++
		if account.Unexplained == 0 && !named[c.ID] && c.Called.Port() != 53 { // lookups speak for these
			return "silent about " + c.ID + ", " + c.Outcome.String()
		}
	}
	v := &a.Verdict
	switch {
	case n != account.Failed:
		return "it counts other connections as failed than those that did"
	case account.Unexplained > account.Failed+account.Late:
		return "more is unexplained than failed or was late"
	case account.Unexplained > 0 && strings.Contains(v.Text, "Nothing wrong"):
		return "nothing is wrong, it says, though something is unexplained"
	case account.Unexplained > 0 && v.DNS == rules.OK && v.Service == rules.OK && v.CNI == rules.OK:
		return "all layers are ok, it says, though something is unexplained"
	}
	return ""
}
