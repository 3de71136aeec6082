package json

import (
	"io"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// Lookup is one name resolution by an application: a line of `netsift dns -o json`.
type Lookup struct {
	Client string `json:"client"`
	// Server is the DNS server as the client addressed it, Backend its pod, where seen.
	Server  *string `json:"server"`
	Backend *string `json:"backend"`
	// Name is what the program asked for: without trailing dot and search suffix.
	Name string `json:"name"`
	// Resolver is glibc, musl, go or other; null where it can't be told.
	Resolver *string `json:"resolver"`
	// NdotsMin and NdotsMax bound the resolver's ndots option as far as what it tried shows it.
	NdotsMin *int `json:"ndots_min"`
	NdotsMax *int `json:"ndots_max"`
	// Search is the search list as far as it was tried.
	Search []string `json:"search"`
	// Candidates are the names tried, in order.
	Candidates []Candidate `json:"candidates"`
	// Queries counts distinct questions, Wasted those answered NXDOMAIN, Retries the resends.
	Queries int `json:"queries"`
	Wasted  int `json:"wasted"`
	// WastedMillis is the wall time spent on candidates answered NXDOMAIN.
	WastedMillis number `json:"wasted_ms"`
	Retries      int    `json:"retries"`
	// Millis is the wall time from the first query to the last answer.
	Millis number `json:"ms"`
	// Outcome is answered, nodata, nxdomain, servfail, timeout, truncated or unfinished.
	Outcome string `json:"outcome"`
	// Answer holds the addresses of the final answer.
	Answer []string `json:"answer"`
	// File and Frame are where its first query was seen, Start when.
	File  string `json:"file"`
	Frame uint64 `json:"frame"`
	Start string `json:"start"`
	// Objects are those of its parties, null without a snapshot of the cluster.
	Objects *Objects `json:"objects"`
}

// Candidate is one name that a resolver tried.
type Candidate struct {
	// QName is the name as asked, Types the record types asked for.
	QName string   `json:"qname"`
	Types []string `json:"types"`
	// Rcode is the response code, Millis the wall time until the last answer; null where none came.
	Rcode  *string `json:"rcode"`
	Millis *number `json:"ms"`
}

// Lookups writes one line for each lookup.
type Lookups struct {
	w     io.Writer
	files []string
}

// NewLookups returns a handler that writes to w. files are the names of the captures, by their index.
func NewLookups(w io.Writer, files []string) Lookups { return Lookups{w, files} }

// Lookup writes l.
func (h Lookups) Lookup(l *fact.Lookup) error { return write(h.w, newLookup(l, h.files), "") }

// Close does nothing: lines have no totals.
func (h Lookups) Close(*fact.DNSTotals) error { return nil }

func newLookup(l *fact.Lookup, files []string) *Lookup {
	out := &Lookup{
		Client:   report.Addr(l.Client),
		Server:   text(report.AddrPort(l.Server)),
		Backend:  text(report.AddrPort(l.Backend)),
		Name:     l.Name,
		Resolver: text(l.Resolver),
		NdotsMin: known(l.NdotsMin),
		NdotsMax: known(l.NdotsMax),
		Search:   orEmpty(l.Search),
		Candidates: each(l.Candidates, func(c *fact.Candidate) Candidate {
			return Candidate{c.QName, orEmpty(c.Types), text(c.Rcode), duration(c.Duration, millis)}
		}),
		Queries:      l.Queries,
		Wasted:       l.Wasted,
		WastedMillis: millis(l.WastedTime),
		Retries:      l.Retries,
		Millis:       millis(l.Duration),
		Outcome:      l.Outcome.String(),
		Answer:       each(l.Answer, func(a *netip.Addr) string { return report.Addr(*a) }),
		Frame:        l.First.Frame,
		Start:        report.Time(l.Start, 0),
		Objects:      newObjects(l.Objects),
	}
	if i := l.First.Capture; i >= 0 && i < len(files) {
		out.File = files[i]
	}
	return out
}
