package netsift

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// wantedFinding analyzes the captures and returns the evidence of the finding that is asked for. A policy may hide findings from a
// report; the worst come first, so that this changes no number.
func wantedFinding(ctx context.Context, e *Env, q *extractRequest) (*wanted, error) {
	judge := newJudge(e, q.policy, nil, rules.Info, 0)
	judge.known = q.known
	cfg := judge.watch(q.engine)
	var shy *judgeOfShown
	if q.hidden != nil {
		shy = &judgeOfShown{newJudge(e.silent(), q.policy, q.hidden, rules.Info, 0)}
		shy.known = q.known
		cfg = shy.watch(cfg)
	}
	facts, err := q.read(ctx, e, cfg)
	if err != nil {
		return nil, err
	}
	r, err := judge.report(facts)
	if r == nil {
		return nil, err // that a finding is to fail a run is for analyze to say
	}
	shown := r
	f, err := findFinding(r, q.finding)
	if q.hidden != nil {
		shown, f, err = shy.find(facts, q.finding, f, err)
	}
	if err != nil {
		return nil, err
	}
	if len(f.Evidence) == 0 {
		return nil, usagef("finding %s rests on no single frame%s", f.ID, tryConnections(f))
	}
	q.fit(e, facts)
	q.nameFacts(shown.Facts)
	w := &wanted{facts: facts, shown: shown.Facts, id: f.ID, title: findingTitle(f), notes: map[fact.Ref]string{}}
	for i := range f.Evidence {
		x := &f.Evidence[i]
		if note, twice := w.notes[x.Ref]; twice {
			w.notes[x.Ref] = note + "; " + x.Note
			continue
		}
		w.notes[x.Ref] = x.Note
	}
	return w, nil
}

// judgeOfShown is a judge of the facts as they may be shown, beside the one of the facts as they are.
type judgeOfShown struct{ *judge }

// find returns the report that may be shown, and its counterpart of f, which was found by name among the findings as they are. If
// none was found, failed says why; the name may still be the whole id of a finding in a report with the same key. A part of an
// id, or a number, could be that of anything.
func (j *judgeOfShown) find(facts *fact.Facts, name string, f *rules.Finding, failed error) (*report.Report, *rules.Finding, error) {
	r, err := j.report(facts)
	if r == nil {
		return nil, nil, err
	}
	if failed != nil {
		for i := range r.Findings {
			if r.Findings[i].Is(name) {
				return r, &r.Findings[i], nil
			}
		}
		return nil, nil, failed
	}
	for i := range r.Findings {
		if s := &r.Findings[i]; sameRule(s.Rule, f.Rule) && s.Severity == f.Severity && s.Count == f.Count && s.First == f.First && s.Last == f.Last && sameFrames(s, f) {
			return r, s, nil
		}
	}
	return nil, nil, fmt.Errorf("finding %s can't be redacted: it is another one with other addresses", f.ID)
}

// sameRule reports whether a rule is another one as it may be shown: users' own are called by numbers then.
func sameRule(shown, rule string) bool {
	const own = "user-"
	return shown == rule || strings.HasPrefix(shown, own) && strings.HasPrefix(rule, own)
}

func sameFrames(a, b *rules.Finding) bool {
	return slices.EqualFunc(a.Evidence, b.Evidence, func(x, y rules.Evidence) bool { return x.Ref == y.Ref })
}

// tryConnections says what else there is to extract of a finding.
func tryConnections(f *rules.Finding) string {
	if len(f.Connections) == 0 {
		return ""
	}
	return "; a connection that it is about: --conn " + f.Connections[0]
}

// nearestFindings is how many ids are named where none fits.
const nearestFindings = 5

// findFinding returns the finding that is named by its number, its id, the beginning of that, or its rule.
func findFinding(r *report.Report, name string) (*rules.Finding, error) {
	list := r.Findings
	if n, err := strconv.Atoi(name); err == nil {
		if n < 1 || n > len(list) {
			return nil, usagef("no finding number %d: %s", n, howMany(len(list)))
		}
		return &list[n-1], nil
	}
	var byRule, byStart []*rules.Finding
	for i := range list {
		switch f := &list[i]; {
		case f.Is(name):
			return f, nil
		case f.Rule == name:
			byRule = append(byRule, f)
		case strings.HasPrefix(f.ID, name):
			byStart = append(byStart, f)
		}
	}
	fits := byRule
	if len(fits) == 0 {
		fits = byStart
	}
	switch {
	case len(fits) == 1:
		return fits[0], nil
	case len(fits) > 1:
		return nil, usagef("--finding %s may be any of %s", name, strings.Join(ids(fits), ", "))
	}
	for i := range r.Suppressed {
		if s := &r.Suppressed[i]; s.Is(name) || s.Rule == name {
			return nil, usagef("finding %s is suppressed by %s; --config %s goes without that", s.ID, r.Config, noPolicy)
		}
	}
	if len(list) == 0 {
		return nil, usagef("no finding %q, nor any other", name)
	}
	near := make([]*rules.Finding, len(list))
	for i := range list {
		near[i] = &list[i]
	}
	// A mistyped id mostly begins right.
	slices.SortStableFunc(near, func(a, b *rules.Finding) int { return alike(b.ID, name) - alike(a.ID, name) })
	return nil, usagef("no finding %q; the nearest are %s (netsift analyze lists all)", name, strings.Join(ids(near), ", "))
}

// howMany says which numbers findings have.
func howMany(n int) string {
	switch n {
	case 0:
		return "the captures show none"
	case 1:
		return "there is 1"
	}
	return "there are " + report.Count(uint64(n)) + ", the worst is 1"
}

// ids returns the ids of the first few findings.
func ids(list []*rules.Finding) []string {
	var ids []string
	for _, f := range list[:min(len(list), nearestFindings)] {
		ids = append(ids, f.ID)
	}
	return ids
}

// alike returns how many bytes two words have in common at their beginnings.
func alike(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
