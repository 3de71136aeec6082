package netsift

import (
	"context"
	"slices"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/cmd/internal/dissect"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/rules"
)

// maxWalks is how many connections a report draws.
const maxWalks = 24

// affected returns a connection for each of the report's findings, the worst first: the first of those it names that facts still hold, and where
// a part is asked for rather one of it. The report may be redacted; facts are as they are.
func affected(r *report.Report, facts *fact.Facts, hidden *redact.Redaction) []*fact.Connection {
	byID := map[string]*fact.Connection{}
	for i := range facts.Reach {
		examples := facts.Reach[i].Examples
		for k := range examples {
			byID[examples[k].ID] = &examples[k]
		}
	}
	var list []*fact.Connection
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Layer == rules.LayerDNS && f.Severity == rules.Info {
			continue // what a search list costs does not show on the way of its packets
		}
		var best *fact.Connection
		for _, id := range f.Connections {
			if hidden != nil {
				id = hidden.Original(id)
			}
			if c := byID[id]; c != nil && (best == nil || c.Chosen && !best.Chosen) {
				best = c
			}
		}
		if best != nil && !slices.Contains(list, best) {
			list = append(list, best)
		}
		if len(list) == maxWalks {
			break
		}
	}
	return list
}

// keptOfWalk is how many sightings are kept of each connection that a report draws.
const keptOfWalk = 1 << 14

// maxOpened is how many frames of evidence a report opens, the worst findings' first: each takes some 2 kB of it.
const maxOpened = 60

// framesToOpen returns frames that the report's findings rest on.
func framesToOpen(r *report.Report) map[fact.Ref]bool {
	list := map[fact.Ref]bool{}
	for i := range r.Findings {
		for _, x := range r.Findings[i].Evidence {
			if len(list) == maxOpened {
				return list
			}
			list[x.Ref] = true
		}
	}
	return list
}

// lookCloser adds to a report what takes a second reading of the captures: the walks of connections that its findings are about, and frames of
// their evidence, taken apart. If an input is a stream, it outlines walks from facts, and opens no frame. All is redacted as the report is;
// facts are not.
func lookCloser(ctx context.Context, e *Env, q *request, facts *fact.Facts, r *report.Report) error {
	list, wanted := affected(r, facts, q.hidden), framesToOpen(r)
	build := func(i int) *fact.Walk { return trace.Outline(list[i], facts) }
	if len(list)+len(wanted) > 0 && !slices.ContainsFunc(q.in, func(i analyze.Input) bool { return i.Stream }) {
		cfg := q.engine
		recorders := make([]*trace.Recorder, len(list))
		for i, conn := range list {
			recorders[i] = trace.NewRecorder()
			recorders[i].Max = keptOfWalk
			cfg.Watch = append(cfg.Watch, conn.ID)
		}
		cfg.Sighting = func(s *join.Sighting) { recorders[s.Connection].See(s) }
		r.Frames = map[fact.Ref]*dissect.Dissection{}
		apart, hidden := dissect.New(decode.Options{Ports: q.engine.Ports}), newHiding(q.hidden, q.engine)
		cfg.Frame = func(f *analyze.Frame, _ bool) {
			if ref := (fact.Ref{Capture: f.Capture, Frame: f.Number}); wanted[ref] {
				r.Frames[ref] = apart.Frame(f.Interface.Link, hidden.bytes(f.Interface.Link, f.Data, f.Wire))
			}
		}
		if _, err := q.read(ctx, e.silent(), cfg); err != nil { // the first reading has said what can't be read
			return err
		}
		build = func(i int) *fact.Walk { return trace.Build(list[i], facts, recorders[i]) }
	}
	for i := range list {
		walk := build(i)
		if q.hidden != nil {
			walk = q.hidden.Walk(walk)
		}
		q.nameWalk(walk)
		r.Walks = append(r.Walks, &report.Walk{Version: Version, Walk: walk, Captures: r.Facts.Captures})
	}
	return nil
}
