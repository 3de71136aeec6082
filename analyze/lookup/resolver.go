package lookup

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

// How resolvers show themselves, learned from their sources and from running them (glibc 2.36, musl 1.2.3, Go 1.26,
// c-ares 1.34):
//
//   - glibc (resolv/res_send.c, send_dg): A and AAAA from one socket, ids drawn independently; no OPT record unless
//     options edns0, and then one of 1200 bytes (RESOLV_EDNS_BUFFER_SIZE). After silence it asks again with the same id,
//     and after two rounds tries the bare name, even with the search list unfinished (resolv/res_query.c).
//   - musl (src/network/res_msend.c): A and AAAA from one socket to all servers at once, never an OPT record. The id is
//     the clock's nanoseconds as the question was made (res_mkquery.c), so that of AAAA is a little above that of A.
//   - Go (net/dnsclient_unix.go): A and AAAA from two sockets, without waiting; ids drawn at random for every attempt;
//     an OPT record of 1232 bytes since Go 1.19.
//   - c-ares: all from one socket. Node.js turns its OPT record off and asks for the name as it is; one name's A and
//     AAAA are two calls of resolve then and pass for glibc's.
//
// Two ports without OPT record are Go's before 1.19, but also glibc's with options single-request-reopen, and others'.
const (
	ednsGlibc = 1200
	ednsGo    = 1232
	// musl's two questions were made so many nanoseconds apart: 80 to 290 were measured; slower processors take longer.
	muslMin = 40
	muslMax = 400
	// chance is how many pairs of glibc's have to be before one that looks like musl's is put down to chance.
	chance = 50
)

// resolver tells the resolver from one lookup's questions, and from its client's other lookups.
func (l *lookup) resolver() (name, why string) {
	if l.mixed {
		return "other", "asks in mixed case (0x20)"
	}
	var near, far, apart int
	var delta, edns uint16
	var all, same bool
	for i := range l.cands {
		c := &l.cands[i]
		for _, q := range c.queries {
			edns = max(edns, q.edns)
			all = all || q.again == fact.OtherServer
			same = same || q.again == fact.NewAttempt && q.id == c.find(q.qtype).id
			if q.qtype == typeHTTPS || q.qtype == typeSVCB {
				return "other", "asks for service bindings (" + typeName(q.qtype) + ")"
			}
		}
		a, b := c.find(typeA), c.find(typeAAAA)
		switch {
		case a == nil || b == nil || a.sent == 0 || b.sent == 0:
		case a.client != b.client:
			apart++
		default:
			if d := b.id - a.id; d >= muslMin && d <= muslMax {
				near, delta = near+1, d
			} else {
				far++
			}
		}
	}
	switch {
	case same && edns == 0:
		return "glibc", "asked again with the same id from another port"
	case near+far+apart == 0:
		if l.bareAfterSilence() && edns == 0 {
			return "glibc", "tried the bare name after a timeout, without the rest of the search list"
		}
		return "", ""
	case apart > 0 && near+far > 0:
		return "", ""
	case apart > 0 && edns == ednsGo:
		return "go", "A and AAAA from two ports, with an OPT record of 1232 bytes"
	case apart > 0 && edns != 0:
		return "other", fmt.Sprintf("A and AAAA from two ports, with an OPT record of %d bytes", edns)
	case apart > 0:
		return "", ""
	case edns != 0 && edns != ednsGlibc:
		return "other", fmt.Sprintf("A and AAAA from one port, with an OPT record of %d bytes", edns)
	case all && far == 0:
		return "musl", "asks all servers at once"
	}
	// One pair in two hundred is near by chance. A client that has many others has no musl.
	c := l.client
	c.pair(far == 0)
	if far == 0 && edns == 0 && (near > 1 || c.near*chance > c.far) {
		return "musl", fmt.Sprintf("A and AAAA from one port, ids %d apart", delta)
	}
	return "glibc", "A and AAAA from one port, ids unrelated"
}

// bareAfterSilence recognizes glibc's way out of a search.
func (l *lookup) bareAfterSilence() bool {
	n := len(l.cands)
	return n >= 2 && l.cands[n-1].name == l.base && l.cands[n-2].open > 0 && l.cands[n-2].name != l.base
}
