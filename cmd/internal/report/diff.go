package report

import (
	"cmp"
	"strings"

	"github.com/netsift/netsift/rules"
)

// Diff is what changed from one report to another one.
type Diff struct {
	// Version is netsift's own.
	Version       string
	Before, After *Report
	// New are findings of After alone, Gone those of Before alone, each worst first.
	New, Gone []*rules.Finding
	// Worse and Better are findings of both, in the order of After: with another severity, or the same and another count.
	Worse, Better []Changed
	// Same counts those with the same severity and count.
	Same int
	// Unknown counts findings of which it can't be said whether they are new or gone: the other report leaves some of their severity out, or was asked
	// for another part.
	Unknown int
}

// Changed is a finding before and after.
type Changed struct{ Before, After *rules.Finding }

// Bad reports whether something is new or worse.
func (d *Diff) Bad() bool { return len(d.New)+len(d.Worse) > 0 }

// Compare compares the findings of two reports that are at or above a severity. Findings are the same if their ids are: those of one cause. An id
// may be longer in one of the reports, where it had to be told from another one. Blind spots of the captures are left out.
func Compare(before, after *Report, least rules.Severity) *Diff {
	d := &Diff{Before: before, After: after}
	counterpart := counterparts(before, after)
	missing := func(r *Report) (n [rules.Critical + 1]bool) {
		listed := r.BySeverity
		for i := range r.Findings {
			listed[r.Findings[i].Severity]--
		}
		for s := range listed {
			n[s] = listed[s] > 0
		}
		return n
	}
	inBefore, inAfter := missing(before), missing(after)
	other := !sameQuestion(before, after)
	matched := map[*rules.Finding]bool{}
	for i := range after.Findings {
		now := &after.Findings[i]
		was := counterpart[now]
		matched[was] = true
		switch {
		case max(now.Severity, severityOf(was)) < least, blind(now):
		case was == nil && (inBefore[now.Severity] || other && before.Part != nil):
			d.Unknown++
		case was == nil:
			d.New = append(d.New, now)
		case now.Severity == was.Severity && now.Count == was.Count:
			d.Same++
		case cmp.Or(cmp.Compare(now.Severity, was.Severity), cmp.Compare(now.Count, was.Count)) > 0:
			d.Worse = append(d.Worse, Changed{was, now})
		default:
			d.Better = append(d.Better, Changed{was, now})
		}
	}
	for i := range before.Findings {
		was := &before.Findings[i]
		switch {
		case matched[was] || was.Severity < least || blind(was):
		case inAfter[was.Severity] || other && after.Part != nil:
			d.Unknown++
		default:
			d.Gone = append(d.Gone, was)
		}
	}
	return d
}

// blind reports whether a finding is about what the captures could not show, and not about the network.
func blind(f *rules.Finding) bool { return f.Layer == rules.LayerCapture && f.Severity <= rules.Info }

func severityOf(f *rules.Finding) rules.Severity {
	if f == nil {
		return 0
	}
	return f.Severity
}

// shortHash is the number of digits that every finding's hash has, maxAlike how many findings are tried that share them.
const shortHash, maxAlike = 4, 16

// counterparts returns for findings of after those of before with the same cause.
func counterparts(before, after *Report) map[*rules.Finding]*rules.Finding {
	byID, byStart := map[string]*rules.Finding{}, map[string][]*rules.Finding{}
	start := func(id string) string {
		rule, hash, _ := strings.Cut(id, ":")
		return rule + ":" + hash[:min(len(hash), shortHash)]
	}
	for i := range before.Findings {
		f := &before.Findings[i]
		byID[f.ID] = f
		if k := start(f.ID); len(byStart[k]) < maxAlike {
			byStart[k] = append(byStart[k], f)
		}
	}
	found, taken := map[*rules.Finding]*rules.Finding{}, map[*rules.Finding]bool{}
	take := func(now, was *rules.Finding) {
		if was != nil && !taken[was] {
			found[now], taken[was] = was, true
		}
	}
	for i := range after.Findings {
		take(&after.Findings[i], byID[after.Findings[i].ID])
	}
	for i := range after.Findings {
		now := &after.Findings[i]
		if found[now] != nil {
			continue
		}
		for _, was := range byStart[start(now.ID)] {
			if !taken[was] && (strings.HasPrefix(now.ID, was.ID) || strings.HasPrefix(was.ID, now.ID)) {
				take(now, was)
				break
			}
		}
	}
	return found
}
