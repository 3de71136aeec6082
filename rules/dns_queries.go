package rules

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// openLookups returns the lookups that rule r may still judge. A lookup needs no finding of r either if all its lost queries
// went over connections that need none: then its sockets' translation, or the tunnel below, is the cause.
func (s *scene) openLookups(r *Rule, which func(*fact.Lookup) bool) []*fact.Lookup {
	done := s.explained[r.ID]
	over := carriers{}
	for x := range done {
		if y, ok := x.(*fact.Reach); ok {
			over.add(y)
		}
	}
	var list []*fact.Lookup
	for i := range s.Lookups {
		if l := &s.Lookups[i]; !done[l] && which(l) && !wentOver(l, over) {
			list = append(list, l)
		}
	}
	return list
}

// called is a client and the server that it called.
type called struct {
	client netip.Addr
	server netip.AddrPort
}

// wentOver reports whether everything that a lookup lost went over some of these connections.
func wentOver(l *fact.Lookup, over carriers) bool {
	if len(over) == 0 {
		return false
	}
	lost := lostQueries(l)
	for _, q := range lost {
		if !over.carry(l.Client, q) {
			return false
		}
	}
	return len(lost) > 0
}

// queries calls f with every query of a lookup until f returns false.
func queries(l *fact.Lookup, f func(*fact.Candidate, *fact.Query) bool) {
	for i := range l.Candidates {
		c := &l.Candidates[i]
		for k := range c.Queries {
			if !f(c, &c.Queries[k]) {
				return
			}
		}
	}
}

// unanswered reports whether a query was seen, and no answer to it.
func unanswered(q *fact.Query) bool { return q.Sent != 0 && q.Rcode == "" }

// late reports whether a query was answered only after the resolver had waited in vain and sent it again.
func late(l *fact.Lookup, q *fact.Query) bool {
	return q.Sent != 0 && q.Rcode != "" && q.Retries > 0 && l.Timeout > 0 && q.Duration >= l.Timeout
}

// tookLong reports whether a late answer is one that took long, rather than one to the second transmission of a query whose
// first was lost. A query that waited for the server's own upstream was not lost. An answer that comes long after the latest
// transmission took long in any case.
func tookLong(l *fact.Lookup, q *fact.Query) bool {
	if u := l.Upstream; u != nil && (u.Duration < 0 || 2*u.Duration >= l.Timeout) {
		return true
	}
	const soon = 1e9
	return q.Sent+q.Duration-q.LastSent > soon
}

// lostQueries returns the queries of a lookup to which no answer came, or only to a later transmission; in order of time.
func lostQueries(l *fact.Lookup) []*fact.Query {
	var list []*fact.Query
	queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
		if unanswered(q) || late(l, q) && !tookLong(l, q) {
			list = append(list, q)
		}
		return true
	})
	return list
}

// fate is the outcome of a lookup that lost queries.
type fate int

const (
	untouched fate = iota
	recovered      // it came to its end after a timeout
	failed         // the program got no answer, or a wrong one for want of the right one
)

// fateOf returns the effect of its lost queries on a lookup.
func fateOf(l *fact.Lookup) fate {
	switch l.Outcome {
	case fact.LookupUnfinished:
		return untouched
	case fact.LookupTimeout:
		return failed
	case fact.LookupServfail:
		if refusedOnly(l) {
			return failed
		}
		return untouched // the server's word counts
	case fact.LookupNXDomain:
		if l.CutShort && l.Unanswered > 0 {
			return failed
		}
	}
	if l.Timeout > 0 || refusedThenAnswered(l) {
		if len(lostQueries(l)) > 0 {
			return recovered
		}
	}
	return untouched
}

// refusedOnly reports whether ICMP errors were all that a lookup's last candidate got.
func refusedOnly(l *fact.Lookup) bool {
	refused := false
	if len(l.Candidates) == 0 {
		return false
	}
	for _, q := range l.Candidates[len(l.Candidates)-1].Queries {
		if q.Rcode != "" {
			return false
		}
		refused = refused || q.Refused
	}
	return refused
}

func refusedThenAnswered(l *fact.Lookup) bool {
	refused := false
	queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
		refused = q.Refused && q.Rcode == ""
		return !refused
	})
	return refused
}

// answeredAt returns when a query was answered, 0 if it was not.
func answeredAt(l *fact.Lookup, q *fact.Query) int64 {
	switch {
	case q.Rcode == "":
		return 0
	case q.Sent == 0 || q.Duration < 0:
		return l.Start
	}
	return q.Sent + q.Duration
}

// podOf returns the backend that a query was translated to, zero if it was not translated or that can't be seen.
func podOf(q *fact.Query) netip.AddrPort {
	if q.Backend == q.Server {
		return netip.AddrPort{}
	}
	return q.Backend
}

// median returns the median of durations, which it sorts; 0 without any.
func median(d []int64) int64 {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[len(d)/2]
}

// expanded reports whether a lookup was answered after names of the search list that do not exist.
func expanded(l *fact.Lookup) bool {
	return l.Outcome == fact.LookupAnswered && l.Wasted > 0 && len(l.Candidates) > 1 && l.Candidates[0].Rcode == "NXDOMAIN" &&
		strings.HasPrefix(l.Candidates[0].QName, l.Name+".")
}

// serverError reports whether a response code is about the server rather than about the name.
func serverError(rcode string) bool { return rcode != "" && rcode != "NOERROR" && rcode != "NXDOMAIN" }

// truncated returns a query over UDP whose answer was truncated, nil if none was.
func truncated(l *fact.Lookup) (found *fact.Query) {
	queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
		if q.Truncated && !q.TCP {
			found = q
		}
		return found == nil
	})
	return found
}

// overTCP returns the query that asked again over TCP: if there are several, the one with the longest answer.
func overTCP(l *fact.Lookup) (found *fact.Query) {
	queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
		if q.TCP && (found == nil || answers(q) > answers(found)) {
			found = q
		}
		return true
	})
	return found
}

func answers(q *fact.Query) int {
	if q == nil {
		return 0
	}
	return q.Answers
}
