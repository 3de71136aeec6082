package rules

import (
	"cmp"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// Judge runs all rules over facts. Findings come worst first, those that go on before those that are over, those that another one explains left out.
func Judge(f *fact.Facts) ([]Finding, Verdict) {
	return JudgeWith(f, DefaultThresholds(), nil)
}

// JudgeWith is Judge with other thresholds and a reviewer. Unless it is nil, review takes the findings of all rules and returns
// those to report; it may add its own. The verdict is on the findings that it returns. Where a part is asked for (fact.Facts.Part), the others
// are left out after the review.
func JudgeWith(f *fact.Facts, limits Thresholds, review func([]Finding) []Finding) ([]Finding, Verdict) {
	s := newScene(f, limits)
	var found []Finding
	for _, r := range inOrder(catalogue) {
		list := r.judge(r, s)
		identify(list)
		for i := range list {
			list[i].Evidence = oneNoteEach(list[i].Evidence)
			s.explain(r, &list[i])
		}
		found = append(found, list...)
	}
	account := s.account(found)
	for i := range found {
		found[i].Chosen = f.Part != nil && s.isOfPart(&found[i])
	}
	if review != nil {
		found = review(found)
	}
	elsewhere := 0
	if f.Part != nil {
		found, elsewhere = ofPart(found)
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(b.Severity, a.Severity),
			cmp.Compare(captureLast(a), captureLast(b)),
			cmp.Compare(overLast(a), overLast(b)),
			cmp.Compare(b.Count, a.Count),
			cmp.Compare(a.First, b.First),
			cmp.Compare(a.ID, b.ID),
		)
	})
	v := s.verdict(found, account)
	v.Elsewhere = elsewhere
	return found, v
}

// overLast puts what hurts no more behind what still does.
func overLast(f Finding) int {
	if f.Recovered != 0 {
		return 1
	}
	return 0
}

// oneNoteEach leaves the first note on each frame: what a rule says of a frame comes before what every rule does.
func oneNoteEach(list []Evidence) []Evidence {
	seen := map[fact.Ref]bool{}
	return slices.DeleteFunc(list, func(e Evidence) bool {
		again := seen[e.Ref]
		seen[e.Ref] = true
		return again
	})
}

func captureLast(f Finding) int {
	if f.Layer == LayerCapture {
		return 1
	}
	return 0
}

// inOrder returns the rules so that each comes before those that it explains.
func inOrder(rules []*Rule) []*Rule {
	byID := map[string]*Rule{}
	explainers := map[string][]*Rule{}
	for _, r := range rules {
		byID[r.ID] = r
		for _, id := range r.Explains {
			explainers[id] = append(explainers[id], r)
		}
	}
	order := make([]*Rule, 0, len(rules))
	done := map[string]bool{}
	var visit func(r *Rule)
	visit = func(r *Rule) {
		if done[r.ID] {
			return
		}
		done[r.ID] = true
		for _, e := range explainers[r.ID] {
			visit(e)
		}
		order = append(order, r)
	}
	for _, r := range rules {
		visit(r)
	}
	return order
}
