package netsift

import (
	"slices"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// again is how long, in nanoseconds of the capture, a finding that only grows is not reported again.
const again = 10e9

// watchlist is the findings that hold in a live analysis, as they were last reported.
type watchlist struct {
	open map[string]*watched
	// causes has the cause of each id reported. No other cause gets the id, even after a withdrawal, until maxCauses others had one; former has those
	// of before.
	causes, former map[string]string
}

// maxCauses is from how many causes on they are remembered for that long only: a stream goes on for days.
const maxCauses = 1 << 14

// watched is a finding as it was reported, and when.
type watched struct {
	told rules.Finding
	at   int64
}

func newWatchlist() *watchlist {
	return &watchlist{open: map[string]*watched{}, causes: map[string]string{}}
}

// update takes the findings that hold now, worst first, and returns the changes to report: findings first, then withdrawals.
// The rules lengthen the id of a finding when a second one comes that would share it, and shorten it when that one goes. Then the
// finding is opened under the new id and withdrawn under the old, so that the report in the end has the ids that were reported
// last. If a finding's id was reported for another one that has been withdrawn since, it gets a longer id here.
func (w *watchlist) update(found []rules.Finding, now int64) []report.Change {
	var changes []report.Change
	holds := map[string]bool{}
	was := map[string]string{} // the ids of causes that were open
	for id, x := range w.open {
		was[x.told.Cause()] = id
	}
	for i := range found {
		f := &found[i]
		w.claim(f)
		holds[f.ID] = true
		old := w.open[f.ID]
		switch {
		case old == nil:
			changes = append(changes, report.Change{Kind: report.Opened, Finding: *f, Renamed: was[f.Cause()] != ""})
		case differs(&old.told, f) || f.Count != old.told.Count && now-old.at >= again:
			changes = append(changes, report.Change{Kind: report.Updated, Finding: *f})
		default:
			continue
		}
		w.open[f.ID] = &watched{brief(f), now}
	}
	var gone []string
	for id := range w.open {
		if !holds[id] {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	holding, explaining := map[string]string{}, map[string][]*rules.Finding{}
	if len(gone) > 0 {
		for i := range found {
			holding[found[i].Cause()] = found[i].ID
			for _, rule := range found[i].Explains {
				explaining[rule] = append(explaining[rule], &found[i])
			}
		}
	}
	for _, id := range gone {
		old := &w.open[id].told
		change := report.Change{Kind: report.Withdrawn, Finding: *old}
		if now, ok := holding[old.Cause()]; ok {
			change.By, change.Renamed = now, true
		} else {
			change.By = supersedes(explaining[old.Rule], old)
		}
		changes = append(changes, change)
		delete(w.open, id)
	}
	return changes
}

// claim records the finding's id for its cause, and lengthens it as long as another cause has it.
func (w *watchlist) claim(f *rules.Finding) {
	for {
		cause, told := w.causes[f.ID]
		if !told {
			if cause, told = w.former[f.ID]; !told || cause == f.Cause() {
				w.remember(f)
				return
			}
		}
		if cause == f.Cause() {
			return
		}
		f.ID = f.Longer()
	}
}

// remember enters the cause of a finding's id.
func (w *watchlist) remember(f *rules.Finding) {
	if len(w.causes) >= max(maxCauses, 2*len(w.open)) {
		w.former, w.causes = w.causes, map[string]string{}
		for id, x := range w.open {
			w.causes[id] = x.told.Cause()
		}
	}
	w.causes[f.ID] = f.Cause()
}

// brief returns what is to be known of a finding that was reported: neither its facts nor its texts.
func brief(f *rules.Finding) rules.Finding {
	x := f.Apart()
	x.Explanation, x.Because, x.ToldFrom, x.NextSteps, x.Evidence, x.Connections = "", nil, nil, nil, nil, nil
	return x
}

// differs reports whether a finding has changed enough to be reported at once.
func differs(old, f *rules.Finding) bool {
	return old.Severity != f.Severity || old.Certainty != f.Certainty || (old.Recovered == 0) != (f.Recovered == 0) || f.Count >= 2*old.Count+2
}

// supersedes returns the id of the first of the findings whose rules explain that of another one which shares a place with it.
func supersedes(explaining []*rules.Finding, old *rules.Finding) string {
	for _, f := range explaining {
		if shares(&f.Place, &old.Place) || slices.ContainsFunc(f.Affected, func(a rules.Affected) bool { return shares(&a.Place, &old.Place) }) {
			return f.ID
		}
	}
	return ""
}

// shares reports whether two places have an end in common.
func shares(a, b *rules.Place) bool {
	return a.Client.IsValid() && a.Client == b.Client || a.Service.IsValid() && a.Service == b.Service ||
		a.Backend.IsValid() && a.Backend == b.Backend || a.Server.IsValid() && a.Server == b.Server
}
