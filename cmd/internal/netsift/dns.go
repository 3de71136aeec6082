package netsift

import (
	"context"
	"net/netip"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/filter"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/cmd/internal/report/csv"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
)

// lookupHandler writes name lookups.
type lookupHandler interface {
	Lookup(*fact.Lookup) error
	// Close writes what comes after the last: the totals of the whole capture.
	Close(*fact.DNSTotals) error
}

// dnsRequest is a request for dns.
type dnsRequest struct {
	*request
	// match reports whether a lookup is meant.
	match func(*fact.Lookup) bool
	// filter selects further. Where it asks for names, it is asked when all is read.
	filter filter.Filter
}

func runDNS(ctx context.Context, e *Env, q *dnsRequest) error {
	h := newLookupHandler(q.request)
	var failed error
	write := redacted(q.hidden, (*redact.Redaction).Lookup, func(l *fact.Lookup) {
		if failed == nil {
			q.nameLookup(l)
			failed = h.Lookup(l)
		}
	})
	var held []*fact.Lookup
	take := write
	if q.names != nil { // whether the snapshot is of this cluster shows at the end
		take = func(l *fact.Lookup) { held = append(held, l) }
	}
	cfg := q.engine
	cfg.Lookup = func(l *fact.Lookup) {
		if failed == nil && q.match(l) && (q.names != nil || q.filter.Lookup(l)) {
			take(l)
		}
	}
	facts, err := q.read(ctx, e, cfg)
	if err != nil {
		return q.out.Close(err)
	}
	q.fit(e, facts)
	for _, l := range held {
		q.known.Lookup(l)
		if q.filter.Lookup(l) {
			write(l)
		}
	}
	totals := &facts.DNS
	if q.hidden != nil {
		totals = q.hidden.DNS(totals)
	}
	if q.names != nil {
		q.names.DNS(totals, facts.Captures)
	}
	if failed == nil {
		failed = h.Close(totals)
	}
	return q.out.Close(failed)
}

// lookupFilter returns a test for lookups of a name, by clients in a range of addresses, that wasted queries. An empty name, the zero
// range and false let everything pass.
func lookupFilter(name string, clients netip.Prefix, wasted bool) func(*fact.Lookup) bool {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	part, isPart := strings.CutPrefix(name, "*")
	part, ends := strings.CutSuffix(part, "*")
	return func(l *fact.Lookup) bool {
		n := strings.ToLower(l.Name)
		switch {
		case wasted && l.Wasted == 0, clients.IsValid() && !clients.Contains(l.Client):
			return false
		case isPart && ends:
			return strings.Contains(n, part)
		case isPart:
			return strings.HasSuffix(n, part)
		case ends:
			return strings.HasPrefix(n, part)
		}
		return name == "" || n == name || strings.HasSuffix(n, "."+name)
	}
}

func newLookupHandler(q *request) lookupHandler {
	files := make([]string, len(q.in))
	for i := range q.in {
		files[i] = q.in[i].Name
	}
	if q.hidden != nil {
		files = q.hidden.Files()
	}
	switch q.form {
	case "json":
		return json.NewLookups(q.out, files)
	case "csv":
		return csv.NewLookups(q.out, files, q.names != nil)
	}
	return text.NewLookups(q.out, q.text)
}
