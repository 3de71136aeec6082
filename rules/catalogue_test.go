package rules

import (
	"regexp"
	"strings"
	"testing"
)

var slug = regexp.MustCompile(`^(dns|svc|ct|cni|app|tcp|cap)-[a-z0-9]+(-[a-z0-9]+)*$`)

// placeholder matches the fields that fill.go fills in.
var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

func TestCatalogue(t *testing.T) {
	known := map[string]bool{"client": true, "name": true, "server": true, "server-ip": true, "node1": true, "node2": true, "service-shown": true}
	for _, end := range []string{"service", "backend"} {
		known[end], known[end+"-ip"], known[end+"-port"] = true, true, true
	}
	for _, object := range []string{"client-pod", "client-container", "backend-pod", "backend-container", "service-namespace", "service-name"} {
		known[object] = true
	}
	ids := map[string]bool{}
	for _, r := range Catalogue() {
		ids[r.ID] = true
	}
	seen := map[string]bool{}
	for _, r := range Catalogue() {
		if seen[r.ID] {
			t.Errorf("%s stands twice in the catalogue", r.ID)
		}
		seen[r.ID] = true
		if !slug.MatchString(r.ID) {
			t.Errorf("%s: not of a known family", r.ID)
		}
		for what, text := range map[string]string{"title": r.Title, "text": r.Text, "needs": r.Needs, "since": r.Since, "layer": string(r.Layer)} {
			if text == "" {
				t.Errorf("%s has no %s", r.ID, what)
			}
			if strings.ContainsAny(text, "\n\t") {
				t.Errorf("%s: its %s has line breaks; the report wraps text", r.ID, what)
			}
		}
		if len(r.NextSteps) == 0 {
			t.Errorf("%s says nothing about what to do", r.ID)
		}
		if len(r.ToldFrom) == 0 && r.Layer != LayerCapture {
			t.Errorf("%s names no look-alike", r.ID)
		}
		if len(r.Sources) == 0 && r.Layer != LayerCapture {
			t.Errorf("%s names no source", r.ID)
		}
		if r.Severity < Info || r.Severity > Critical {
			t.Errorf("%s has no severity", r.ID)
		}
		if strings.HasSuffix(r.Title, ".") || r.Title != strings.TrimSpace(r.Title) {
			t.Errorf("%s: a title is no sentence: %q", r.ID, r.Title)
		}
		for _, id := range r.Explains {
			if !ids[id] {
				t.Errorf("%s explains %s, which is no rule", r.ID, id)
			}
			if id == r.ID {
				t.Errorf("%s explains itself", r.ID)
			}
		}
		for _, step := range r.NextSteps {
			for _, m := range placeholder.FindAllStringSubmatch(step, -1) {
				if !known[m[1]] {
					t.Errorf("%s: nothing fills {%s} in %q", r.ID, m[1], step)
				}
			}
		}
		if Find(r.ID) != r {
			t.Errorf("%s is not found by its id", r.ID)
		}
	}
	if Find("no-such-rule") != nil {
		t.Error("a rule that does not exist was found")
	}
}

// TestExplainsIsAcyclic: two rules that explain each other would both be silent.
func TestExplainsIsAcyclic(t *testing.T) {
	const visiting, done = 1, 2
	state := map[string]int{}
	var visit func(id string, path []string)
	visit = func(id string, path []string) {
		if state[id] == visiting {
			t.Fatalf("a circle: %s", strings.Join(append(path, id), " > "))
		}
		if state[id] == done || Find(id) == nil {
			return
		}
		state[id] = visiting
		for _, next := range Find(id).Explains {
			visit(next, append(path, id))
		}
		state[id] = done
	}
	for _, r := range Catalogue() {
		visit(r.ID, nil)
	}
	position := map[string]int{}
	for i, r := range inOrder(Catalogue()) {
		position[r.ID] = i
	}
	for _, r := range Catalogue() {
		for _, id := range r.Explains {
			if Find(id) != nil && position[id] < position[r.ID] {
				t.Errorf("%s is judged before %s, which explains it", id, r.ID)
			}
		}
	}
}
