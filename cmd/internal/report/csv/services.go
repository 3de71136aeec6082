package csv

import (
	"io"
	"strconv"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// outcomes in the order of their columns.
var outcomes = []fact.Outcome{fact.OK, fact.Refused, fact.Unreachable, fact.ResetOutcome, fact.Hang, fact.OneWay, fact.Unfinished}

// Services writes one line for each backend of each Service, with the names of objects where there is a snapshot of the cluster.
func Services(w io.Writer, list []report.BackendUse, snapshot bool) error {
	n := named(snapshot)
	head := []string{"service", "backend", "proto", "connections", "share", "failed"}
	for _, o := range outcomes {
		head = append(head, o.String())
	}
	t := newTable(w, append(append(head, "retransmissions"), n.columns("service", "backend")...))
	for i := range list {
		u := &list[i]
		row := []string{
			report.AddrPort(u.Service), report.AddrPort(u.Backend), u.Proto.String(), number(u.Connections),
			strconv.FormatFloat(float64(u.Connections)/float64(u.Of), 'f', 4, 64), number(u.Failed()),
		}
		for _, o := range outcomes {
			row = append(row, number(u.Outcomes[o]))
		}
		o := report.Parties(u.Objects)
		t.row(append(append(row, number(u.Retransmissions)), n.names(o.Service, o.Backend)...)...)
	}
	return t.flush()
}
