package netsift

import (
	"context"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/csv"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
)

// connectionHandler writes connections.
type connectionHandler interface {
	Connection(*fact.Connection) error
	// Close writes what comes after the last.
	Close() error
}

// flowsRequest is a request for flows.
type flowsRequest struct {
	*request
	chosen *selection
	// finding lists the connections that a finding names, "" all.
	finding string
	// byService adds the connections up instead of listing them.
	byService bool
	// byStart orders them by their beginnings, limit is how many are listed, 0 for all.
	byStart bool
	limit   int
}

func runFlows(ctx context.Context, e *Env, q *flowsRequest) error {
	if q.finding != "" {
		if err := q.ofFinding(ctx, e); err != nil {
			return err
		}
	}
	if q.byService {
		return addFlows(ctx, e, q)
	}
	h := newConnectionHandler(q.request)
	var written int
	var failed error
	write := func(conn *fact.Connection) {
		if failed == nil && (q.limit == 0 || written < q.limit) {
			q.nameConnection(conn)
			failed = h.Connection(conn)
			written++
		}
	}
	write = redactedConnections(q.hidden, write)
	cfg := q.engine
	var held []*fact.Connection
	take := write
	if q.byStart || q.names != nil { // whether the snapshot is of this cluster shows at the end
		take = func(conn *fact.Connection) { held = append(held, conn) }
		cfg.Named = func(name func(*fact.Connection)) {
			for _, conn := range held {
				name(conn)
			}
		}
	}
	cfg.Connection = q.chosen.of(&cfg, take)
	facts, err := q.read(ctx, e, cfg)
	if err != nil {
		return q.out.Close(err)
	}
	q.fit(e, facts)
	if q.byStart {
		slices.SortStableFunc(held, byStart)
	}
	for _, conn := range held {
		if q.chosen.keep(q.known, conn) {
			write(conn)
		}
	}
	if t, ok := h.(*text.Flows); ok && q.chosen.some() {
		t.Of(facts.Totals.Connections)
	}
	if failed == nil {
		failed = h.Close()
	}
	return q.out.Close(failed)
}

// ofFinding has the finding's connections selected. They have its ids as they are, redacted or not.
func (q *flowsRequest) ofFinding(ctx context.Context, e *Env) error {
	if err := q.twice("leave --finding out, or"); err != nil {
		return err
	}
	_, judged, err := q.judged(ctx, e)
	if err != nil {
		return err
	}
	f, err := connectionsOf(judged.findings, q.finding)
	if err != nil {
		return err
	}
	q.chosen.ids = map[string]bool{}
	for _, id := range f.Connections {
		if q.hidden != nil {
			id = q.hidden.Original(id)
		}
		q.chosen.ids[id] = true
	}
	return nil
}

// addFlows adds connections up by Service.
func addFlows(ctx context.Context, e *Env, q *flowsRequest) error {
	var sum report.Services
	cfg := q.engine
	add := redactedConnections(q.hidden, sum.Add)
	take := add
	var held []*fact.Connection
	if q.chosen.byName() { // what has which name shows at the end
		take = func(conn *fact.Connection) { held = append(held, conn) }
	}
	cfg.Connection = q.chosen.of(&cfg, take)
	facts, err := q.read(ctx, e, cfg)
	if err != nil {
		return err
	}
	q.fit(e, facts)
	for _, conn := range held {
		if q.chosen.keep(q.known, conn) {
			add(conn)
		}
	}
	list := sum.List()
	for i := range list {
		q.nameUse(&list[i])
	}
	switch q.form {
	case "json":
		return q.out.Close(json.Services(q.out, list))
	case "csv":
		return q.out.Close(csv.Services(q.out, list, q.names != nil))
	}
	return q.out.Close(text.Services(q.out, list, q.text))
}

// byStart orders connections by their first frame; ids settle what began at the same time.
func byStart(a, b *fact.Connection) int {
	if a.Start != b.Start {
		if a.Start < b.Start {
			return -1
		}
		return 1
	}
	if len(a.ID) != len(b.ID) {
		return len(a.ID) - len(b.ID) // node1:9 before node1:10
	}
	if a.ID < b.ID {
		return -1
	}
	return 1
}

func newConnectionHandler(q *request) connectionHandler {
	switch q.form {
	case "json":
		return json.NewConnections(q.out)
	case "csv":
		return csv.NewConnections(q.out, q.names != nil)
	}
	return text.NewFlows(q.out, q.text)
}
