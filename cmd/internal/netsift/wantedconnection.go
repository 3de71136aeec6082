package netsift

import (
	"context"
	"fmt"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/cmd/internal/report"
)

// wantedConnection analyzes the captures and returns the connection that is asked for, with the ICMP errors about it.
func wantedConnection(ctx context.Context, e *Env, q *extractRequest) (*wanted, error) {
	near := trace.NewNearest(q.conn)
	w := &wanted{id: q.conn, notes: map[fact.Ref]string{}}
	cfg := q.engine
	cfg.Connection = func(conn *fact.Connection) {
		if conn.ID == q.conn {
			w.conn = conn
		}
		near.Add(conn.ID)
	}
	var err error
	if w.facts, err = q.read(ctx, e, cfg); err != nil {
		return nil, err
	}
	if w.conn == nil {
		return nil, noConnection(q.conn, near)
	}
	w.shown, w.told = w.facts, w.conn
	if q.hidden != nil {
		w.shown, w.told = q.hidden.Facts(w.facts), q.hidden.Connection(w.conn)
	}
	q.fit(e, w.facts)
	q.nameFacts(w.shown)
	q.nameConnection(w.told)
	w.title = connectionTitle(w.told)
	for i := range w.told.Errors {
		x := &w.told.Errors[i]
		note := fmt.Sprintf("ICMP %s from %s about a packet of the %s", report.ICMPName(x), report.Addr(x.Src), report.Sender(x.Flow))
		if x.MTU > 0 {
			note += fmt.Sprintf(", MTU %d", x.MTU)
		}
		if x.Count > 1 {
			note += fmt.Sprintf(", the first of %s", report.Many(x.Count, "such error"))
		}
		w.notes[x.Ref] = note
	}
	return w, nil
}

// noConnection says that there is no connection with an id, and which ones are like it.
func noConnection(id string, near *trace.Nearest) error {
	if like := near.IDs(); len(like) > 0 {
		return usagef("no connection %q; the nearest are %s (netsift flows lists all)", id, strings.Join(like, ", "))
	}
	return usagef("no connection %q, nor any other", id)
}

// connectionTitle is the title of a file with a connection's frames.
func connectionTitle(c *fact.Connection) string {
	o := report.Parties(c.Objects)
	called := o.Service
	if c.Backend == c.Called {
		called = o.Backend
	}
	way := report.Named(o.Client, report.End(c.Proto, c.Client)) + " to " + report.Named(called, report.End(c.Proto, c.Called))
	if c.Backend.IsValid() && c.Backend != c.Called {
		way += ", translated to " + report.Named(o.Backend, report.End(c.Proto, c.Backend))
	}
	return fmt.Sprintf("connection %s: %s, %s, %s", c.ID, c.Proto, way, c.Outcome)
}
