package policy

import (
	"math"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// lookup is the value that expressions over lookups see.
type lookup struct {
	Name    string   `expr:"name" doc:"what the program asked for, in lower case, without search suffix"`
	Client  endpoint `expr:"client" doc:"who asked"`
	Server  endpoint `expr:"server" doc:"the DNS server as the client addressed it"`
	Backend endpoint `expr:"backend" doc:"the server's pod behind it, where seen"`

	Resolver string   `expr:"resolver" doc:"glibc, musl, go or other; empty where it can't be told"`
	NdotsMin float64  `expr:"ndots_min" doc:"lower bound of the resolver's ndots"`
	NdotsMax float64  `expr:"ndots_max" doc:"upper bound of the resolver's ndots"`
	Search   []string `expr:"search" doc:"the search list as far as it was tried"`

	Outcome    string      `expr:"outcome" doc:"answered, nodata, nxdomain, servfail, timeout, truncated, unfinished"`
	Candidates []candidate `expr:"candidates" doc:"the names that were tried, in order"`
	Answer     []string    `expr:"answer" doc:"the addresses of the final answer"`

	Queries    int `expr:"queries" doc:"distinct questions sent"`
	Wasted     int `expr:"wasted" doc:"questions answered NXDOMAIN"`
	Retries    int `expr:"retries" doc:"questions sent again because no good answer came"`
	Unanswered int `expr:"unanswered" doc:"questions that got no answer at all"`

	Start    string  `expr:"start" doc:"time of the first query"`
	Duration float64 `expr:"ms" doc:"from the first query to the last answer"`
	Waste    float64 `expr:"wasted_ms" doc:"time spent on names that were answered NXDOMAIN"`
	TCP      bool    `expr:"tcp" doc:"a truncated answer was asked for again over TCP"`
	CutShort bool    `expr:"cut_short" doc:"an unanswered candidate ended the walk through the search list"`
}

// candidate is a name that was tried.
type candidate struct {
	QName    string   `expr:"qname" doc:"the name as asked"`
	Types    []string `expr:"types" doc:"the record types asked for: A, AAAA, ..."`
	Rcode    string   `expr:"rcode" doc:"NOERROR, NXDOMAIN, SERVFAIL, ...; empty where unanswered"`
	NoData   bool     `expr:"nodata" doc:"the name exists and has no such record"`
	Duration float64  `expr:"ms" doc:"from its first query to its last answer"`
}

func newLookup(l *fact.Lookup) lookup {
	x := lookup{
		Name: l.Name, Client: newHost(l.Client), Server: newEndpoint(l.Server), Backend: newEndpoint(l.Backend),
		Resolver: l.Resolver, NdotsMin: bound(l.NdotsMin), NdotsMax: bound(l.NdotsMax), Search: l.Search, Outcome: l.Outcome.String(),
		Answer:  each(l.Answer, netip.Addr.String),
		Queries: l.Queries, Wasted: l.Wasted, Retries: l.Retries, Unanswered: l.Unanswered,
		Start: clock(l.Start), Duration: millis(l.Duration), Waste: millis(l.WastedTime), TCP: l.TCP, CutShort: l.CutShort,
	}
	for i := range l.Candidates {
		c := &l.Candidates[i]
		x.Candidates = append(x.Candidates, candidate{c.QName, c.Types, c.Rcode, c.NoData, millis(c.Duration)})
	}
	return x
}

func bound(n int) float64 {
	if n < 0 {
		return math.NaN()
	}
	return float64(n)
}

func each[A, B any](list []A, f func(A) B) []B {
	var out []B
	for _, x := range list {
		out = append(out, f(x))
	}
	return out
}
