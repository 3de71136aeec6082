package netsift

import (
	"context"
	"fmt"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/filter"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/rules"
)

// traceRequest is a request for trace.
type traceRequest struct {
	*request
	// conn is the id of the connection; where it is "", the one is chosen that tells most of those that are wanted.
	conn string
	// finding has it be one of a finding's, "" for any.
	finding string
	wanted  trace.Wanted
	// filter selects further, by what connections are without redaction.
	filter filter.Filter
}

// runTrace reads the captures once to choose the connection, unless that is named, and once more with an eye on it.
func runTrace(ctx context.Context, e *Env, q *traceRequest) error {
	id, chosen := q.conn, ""
	if id == "" {
		var err error
		if id, chosen, err = chooseConnection(ctx, e, q); err != nil {
			return err
		}
	}
	walk := &report.Walk{Version: Version, Walk: &fact.Walk{}}
	if id != "" { // or there is no connection
		var err error
		if walk, err = follow(ctx, e, q.request, id); err != nil {
			return err
		}
	}
	walk.Chosen, walk.Redacted = chosen, q.hidden != nil
	if q.form == "json" {
		return q.out.Close(json.WriteTrace(q.out, walk))
	}
	return q.out.Close(text.Trace(q.out, walk, q.text))
}

// follow reads the captures with an eye on one connection.
func follow(ctx context.Context, e *Env, q *request, id string) (*report.Walk, error) {
	r := trace.NewRecorder()
	near := trace.NewNearest(id)
	var found *fact.Connection
	cfg := q.engine
	cfg.Watch, cfg.Sighting = []string{id}, r.See
	cfg.Connection = func(conn *fact.Connection) {
		if conn.ID == id {
			found = conn
		}
		near.Add(conn.ID)
	}
	facts, err := q.read(ctx, e, cfg)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, noConnection(id, near)
	}
	walk := &report.Walk{Version: Version, Walk: trace.Build(found, facts, r), Captures: facts.Captures}
	if q.hidden != nil {
		walk.Walk, walk.Captures = q.hidden.Walk(walk.Walk), q.hidden.Captures(walk.Captures)
	}
	q.fit(e, facts)
	q.nameWalk(walk.Walk)
	return walk, nil
}

// selected returns the ids of the examples that the filter selects, nil without a filter.
func (q *traceRequest) selected(facts *fact.Facts) map[string]bool {
	if q.filter.Empty() {
		return nil
	}
	if q.known != nil {
		q.known.Fit(facts) // what that brings up is said at the second reading
	}
	ids := map[string]bool{}
	for i := range facts.Reach {
		for k := range facts.Reach[i].Examples {
			c := facts.Reach[i].Examples[k]
			if q.known != nil {
				q.known.Connection(&c)
			}
			ids[c.ID] = q.filter.Connection(&c)
		}
	}
	return ids
}

// chooseConnection returns the id of the connection that tells most of those that are wanted, and why it was chosen, as the result
// may say it; "" where the captures hold none.
func chooseConnection(ctx context.Context, e *Env, q *traceRequest) (id, why string, err error) {
	if err := q.twice("give --conn ID, or"); err != nil {
		return "", "", err
	}
	is, judged, err := q.judged(ctx, e)
	if err != nil {
		return "", "", err
	}
	selected := q.selected(is)
	facts := judged.facts
	wanted, original := q.wanted, func(id string) string { return id }
	if q.hidden != nil { // the facts are redacted, because the finding's id is shown
		wanted = trace.Wanted{Client: q.hidden.AddrPort(wanted.Client), Service: q.hidden.AddrPort(wanted.Service)}
		original = q.hidden.Original
	}
	if selected != nil {
		wanted.Selected = func(c *fact.Connection) bool { return selected[original(c.ID)] }
	}
	var preferred []string
	about := ""
	if q.finding != "" {
		f, err := connectionsOf(judged.findings, q.finding)
		if err != nil {
			return "", "", err
		}
		preferred, about = f.Connections, f.ID
		among := wanted.Selected
		wanted.Selected = func(c *fact.Connection) bool {
			return slices.Contains(f.Connections, c.ID) && (among == nil || among(c))
		}
	} else if len(judged.findings) > 0 {
		// Of a finding that analyze does not show, the id would say nothing.
		if worst := &judged.findings[0]; worst.Severity >= max(rules.Warning, q.judge.show) {
			preferred, about = worst.Connections, worst.ID
		}
	}
	conn := trace.Choose(facts.Reach, wanted, preferred)
	switch {
	case conn == nil && (wanted.Client.IsValid() || wanted.Service.IsValid() || wanted.Selected != nil):
		return "", "", usagef("no such connection; netsift flows lists what there is")
	case conn == nil:
		return "", "", nil
	case slices.Contains(preferred, conn.ID):
		why = fmt.Sprintf("Chosen of %d connections: it is one of finding %s.", facts.Totals.Connections, about)
	default:
		why = fmt.Sprintf("Chosen of %d connections as the one that tells most; --conn ID walks through another.", facts.Totals.Connections)
	}
	return original(conn.ID), why, nil
}
