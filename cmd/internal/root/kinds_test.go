package root

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/rules"
)

// TestRoots: each kind that the code makes is some rule's and described, each of a rule is made, and each rule that is asked has its kinds, also
// in docs/snapshot.md.
func TestRoots(t *testing.T) {
	made := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	kind := regexp.MustCompile(`(?:root|dumped)\("([a-z-]+)"|unbelieved = "([a-z-]+)"`)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range kind.FindAllStringSubmatch(string(text), -1) {
			made[m[1]+m[2]] = true
		}
	}
	used := map[string]bool{}
	for _, r := range rules.Catalogue() {
		for _, c := range r.Roots() {
			if used[c.Kind] = true; !made[c.Kind] || c.Text == "" {
				t.Errorf("%s of %s: never made, or not described", c.Kind, r.ID)
			}
		}
	}
	for k := range made {
		if !used[k] {
			t.Errorf("%s: no rule's", k)
		}
	}
	page, err := os.ReadFile("../../../docs/snapshot.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string][]string{}
	code := regexp.MustCompile("`([a-z-]+)`")
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			continue
		}
		var list []string
		for _, m := range code.FindAllStringSubmatch(cells[2], -1) {
			list = append(list, m[1])
		}
		for _, m := range code.FindAllStringSubmatch(cells[1], -1) {
			documented[m[1]] = list
		}
	}
	for _, r := range rules.Catalogue() {
		asked := tellers[r.ID] != nil || witnesses[r.ID] != nil
		var want []string
		for _, c := range r.Roots() {
			want = append(want, c.Kind)
		}
		if asked != (want != nil) {
			t.Errorf("%s: is asked: %v, has kinds: %v", r.ID, asked, want)
		}
		got := documented[r.ID]
		slices.Sort(want)
		slices.Sort(got)
		if asked && !slices.Equal(got, want) {
			t.Errorf("%s in docs/snapshot.md: %v, want %v", r.ID, got, want)
		}
	}
}
