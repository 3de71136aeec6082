package text

import (
	"fmt"
	"io"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// Services writes the backends of each Service with their share and how they fared. One bad backend of three is the
// commonest ticket of all: the one that fails most stands first, and its failures in colour.
func Services(w io.Writer, list []report.BackendUse, o Options) error {
	p := newPage(o, nil)
	if len(list) == 0 {
		p.line("No connection to a Service was seen.")
		return p.to(w)
	}
	outcomes := []fact.Outcome{fact.OK, fact.Refused, fact.Unreachable, fact.ResetOutcome, fact.Hang, fact.OneWay, fact.Unfinished}
	t := table{heads: &p.dim, cols: []column{
		{head: "SERVICE"},
		{head: "PROTO", drop: 2},
		{head: "BACKEND"},
		{head: "CONNS", right: true},
		{head: "SHARE", right: true, drop: 1},
		{head: "FAILED", right: true},
		{head: "OK", right: true},
		{head: "REFUSED", right: true},
		{head: "UNREACHABLE", right: true},
		{head: "RESET", right: true},
		{head: "HANG", right: true},
		{head: "ONE-WAY", right: true},
		{head: "UNFINISHED", right: true},
		{head: "RTX", right: true, drop: 3},
	}}
	for i := range list {
		u := &list[i]
		o := report.Parties(u.Objects)
		row := plain(report.Named(o.Service, report.AddrPort(u.Service)), u.Proto.String(), dash(report.NamedBackend(o.Backend, report.AddrPort(u.Backend))),
			report.Count(u.Connections),
			fmt.Sprintf("%.0f%%", 100*float64(u.Connections)/float64(u.Of)), fmt.Sprintf("%.0f%%", 100*float64(u.Failed())/float64(u.Connections)))
		if i > 0 && list[i-1].Service == u.Service && list[i-1].Proto == u.Proto {
			row[0].style, row[1].style = &p.dim, &p.dim
		}
		switch {
		case u.Failed() > 0:
			row[5].style = &p.critical
		case u.Outcomes[fact.OK] > 0:
			row[5].style = &p.ok
		}
		for _, o := range outcomes {
			s := ""
			if n := u.Outcomes[o]; n > 0 {
				s = report.Count(n)
			}
			row = append(row, cell{text: s})
		}
		t.rows = append(t.rows, append(row, cell{text: report.Count(u.Retransmissions)}))
	}
	t.used()
	l := t.fit(p.table())
	t.render(&p.Builder, l, true)
	p.hidden(&l)
	p.redacted(o.Redacted)
	return p.to(w)
}
