package main

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
	// causes has the cause of each id reported. No other cause gets the id, even after a withdrawal.
	causes map[string]string
}

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
		w.open[f.ID] = &watched{*f, now}
	}
	var gone []string
	for id := range w.open {
		if !holds[id] {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	for _, id := range gone {
		old := &w.open[id].told
		change := report.Change{Kind: report.Withdrawn, Finding: *old}
		if i := slices.IndexFunc(found, func(f rules.Finding) bool { return f.Cause() == old.Cause() }); i >= 0 {
			change.By, change.Renamed = found[i].ID, true
		} else {
			change.By = supersedes(found, old)
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
			w.causes[f.ID] = f.Cause()
			return
		}
		if cause == f.Cause() {
			return
		}
		f.ID = f.Longer()
	}
}

// differs reports whether a finding has changed enough to be reported at once.
func differs(old, f *rules.Finding) bool {
	return old.Severity != f.Severity || old.Certainty != f.Certainty || (old.Recovered == 0) != (f.Recovered == 0) || f.Count >= 2*old.Count+2
}

// supersedes returns the id of the finding that explains another one: its rule does, and they share a place.
func supersedes(found []rules.Finding, old *rules.Finding) string {
	for i := range found {
		f := &found[i]
		if slices.Contains(f.Explains, old.Rule) && (shares(&f.Place, &old.Place) || slices.ContainsFunc(f.Affected, func(a rules.Affected) bool {
			return shares(&a.Place, &old.Place)
		})) {
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
