package csv

import (
	"io"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// Lookups writes one line for each name lookup, in the words of the JSON output.
type Lookups struct {
	t     table
	files []string
	named named
}

// NewLookups returns a handler that writes to w. files are the names of the captures, by their index; with a snapshot of the cluster
// lines have the names of objects.
func NewLookups(w io.Writer, files []string, snapshot bool) Lookups {
	n := named(snapshot)
	return Lookups{newTable(w, append([]string{
		"start", "client", "server", "backend", "name", "outcome", "queries", "wasted", "wasted_ms", "retries", "ms", "resolver", "ndots_min", "ndots_max",
		"search", "candidates", "answer", "file", "frame",
	}, n.columns("client", "server", "backend")...)), files, n}
}

// Lookup writes l. Lists have a space between their elements.
func (h Lookups) Lookup(l *fact.Lookup) error {
	names := make([]string, len(l.Candidates))
	for i := range l.Candidates {
		names[i] = l.Candidates[i].QName
	}
	addrs := make([]string, len(l.Answer))
	for i, a := range l.Answer {
		addrs[i] = report.Addr(a)
	}
	file := ""
	if i := l.First.Capture; i >= 0 && i < len(h.files) {
		file = h.files[i]
	}
	o := report.Parties(l.Objects)
	h.t.row(append([]string{
		report.Time(l.Start, 0), report.Addr(l.Client), report.AddrPort(l.Server), report.AddrPort(l.Backend), l.Name, l.Outcome.String(),
		strconv.Itoa(l.Queries), strconv.Itoa(l.Wasted), millis(l.WastedTime), strconv.Itoa(l.Retries), millis(l.Duration), l.Resolver,
		known(l.NdotsMin), known(l.NdotsMax), strings.Join(l.Search, " "), strings.Join(names, " "), strings.Join(addrs, " "), file, number(l.First.Frame),
	}, h.named.names(o.Client, o.Server, o.Backend)...)...)
	return h.t.w.Error()
}

// Close writes what is buffered; totals have no place in a table of lookups.
func (h Lookups) Close(*fact.DNSTotals) error { return h.t.flush() }
