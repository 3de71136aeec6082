package main

import (
	"context"
	"slices"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// maxWalks is how many connections a report draws.
const maxWalks = 24

// affected returns a connection for each finding, the worst first: the first of those it names that facts still hold.
func affected(r *report.Report) []*fact.Connection {
	byID := map[string]*fact.Connection{}
	for i := range r.Facts.Reach {
		examples := r.Facts.Reach[i].Examples
		for k := range examples {
			byID[examples[k].ID] = &examples[k]
		}
	}
	var list []*fact.Connection
	chosen := map[string]bool{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Layer == rules.LayerDNS && f.Severity == rules.Info {
			continue // what a search list costs does not show on the way of its packets
		}
		for _, id := range f.Connections {
			c := byID[id]
			if c == nil {
				continue
			}
			if !chosen[id] {
				chosen[id] = true
				list = append(list, c)
			}
			break
		}
		if len(list) == maxWalks {
			break
		}
	}
	return list
}

// keptOfWalk is how many sightings are kept of each connection that a report draws.
const keptOfWalk = 1 << 14

// walks follows the connections that the report's findings are about, in a second reading of the captures. What can be read only
// once it outlines from facts.
func walks(ctx context.Context, e *Env, q *request, r *report.Report) ([]*report.Walk, error) {
	list := affected(r)
	if len(list) == 0 || slices.ContainsFunc(q.in, func(i analyze.Input) bool { return i.Stream }) {
		return outlines(list, r.Facts), nil
	}
	cfg := q.engine
	recorders := make([]*trace.Recorder, len(list))
	for i, conn := range list {
		recorders[i] = trace.NewRecorder()
		recorders[i].Max = keptOfWalk
		id := conn.ID
		if q.hidden != nil {
			id = q.hidden.Original(id)
		}
		cfg.Watch = append(cfg.Watch, id)
	}
	cfg.Sighting = redactedSightings(q.hidden, func(s *join.Sighting) { recorders[s.Connection].See(s) })
	if _, err := read(ctx, e.silent(), q.in, cfg); err != nil { // the first reading has said what can't be read
		return nil, err
	}
	var walks []*report.Walk
	for i, conn := range list {
		walks = append(walks, &report.Walk{Version: version, Walk: trace.Build(conn, r.Facts, recorders[i]), Captures: r.Facts.Captures})
	}
	return walks, nil
}

// outlines makes walks of what facts say of connections.
func outlines(list []*fact.Connection, facts *fact.Facts) []*report.Walk {
	var walks []*report.Walk
	for _, c := range list {
		walks = append(walks, &report.Walk{Version: version, Walk: trace.Outline(c, facts), Captures: facts.Captures})
	}
	return walks
}
