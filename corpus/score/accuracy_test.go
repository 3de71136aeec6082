package score

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/netsift/netsift/rules"
)

var update = flag.Bool("update", false, "write docs/accuracy.md")

// labFile is the lab's scoreboard as make lab RECORD=yes last wrote it.
var labFile = filepath.Join("testdata", "lab.json")

// reportsFile is the score on captures made after bug reports.
var reportsFile = filepath.Join("testdata", "reports.json")

func readLab(t *testing.T) *Recording {
	t.Helper()
	return decoded[Recording](t, labFile)
}

func decoded[T any](t *testing.T, file string) *T {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	x := new(T)
	if err := json.Unmarshal(text, x); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return x
}

// TestAccuracy fails if docs/accuracy.md differs from the results of the cases.
func TestAccuracy(t *testing.T) {
	board, lab := NewBoard(), readLab(t)
	for _, s := range scores(t) {
		board.Add(s.mode, s.result)
	}
	var untried []string
	for _, r := range rules.Catalogue() {
		built, played := board.Rules[r.ID], lab.Board.Rules[r.ID]
		if (built == nil || built.Expected == 0) && (played == nil || played.Expected == 0) {
			untried = append(untried, r.ID)
		}
	}
	slices.Sort(untried)
	want := Accuracy(board, open, lab, decoded[Reconstruction](t, reportsFile), untried)
	page := filepath.Join("..", "..", "docs", "accuracy.md")
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/accuracy.md is out of date: run make docs and look at what changed\n%s", difference(string(got), want))
	}
}
