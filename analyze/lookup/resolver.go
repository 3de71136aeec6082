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
	// musl's two questions were made so many nanoseconds apart: 80 to 290 were measured, 350 to 540 on a busy virtual machine.
	muslMin = 40
	muslMax = 1000
	// chance is how many pairs of glibc's have to be before one that looks like musl's is put down to chance.
	chance = 20
)

// sign is the evidence for a resolver.
type sign struct {
	name string
	// why names the evidence, as a format where it has a number.
	why    string
	number int
}

func (s *sign) text() string {
	if s.number == 0 {
		return s.why
	}
	return fmt.Sprintf(s.why, s.number)
}

// resolver tells the resolver from one lookup's questions, and from its client's other lookups, to which it adds if learn is set.
func (t *Tracker) resolver(l *lookup, learn bool) sign {
	if l.mixed {
		return sign{name: "other", why: "asks in mixed case (0x20)"}
	}
	var near, far, apart int
	var delta, edns uint16
	var all, same bool
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		for q := t.query(c.first); q != nil; q = t.query(q.next) {
			edns = max(edns, q.edns)
			all = all || q.again == fact.OtherServer
			same = same || q.again == fact.NewAttempt && q.id == t.find(c, q.qtype).id
			switch q.qtype {
			case typeHTTPS:
				return sign{name: "other", why: "asks for service bindings (HTTPS)"}
			case typeSVCB:
				return sign{name: "other", why: "asks for service bindings (SVCB)"}
			}
		}
		a, b := t.find(c, typeA), t.find(c, typeAAAA)
		switch {
		case a == nil || b == nil || a.sent == 0 || b.sent == 0:
		case a.port != b.port:
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
		return sign{name: "glibc", why: "asked again with the same id from another port"}
	case near+far+apart == 0:
		if t.bareAfterSilence(l) && edns == 0 {
			return sign{name: "glibc", why: "tried the bare name after a timeout, without the rest of the search list"}
		}
		return sign{}
	case apart > 0 && near+far > 0:
		return sign{}
	case apart > 0 && edns == ednsGo:
		return sign{name: "go", why: "A and AAAA from two ports, with an OPT record of 1232 bytes"}
	case apart > 0 && edns != 0:
		return sign{"other", "A and AAAA from two ports, with an OPT record of %d bytes", int(edns)}
	case apart > 0:
		return sign{}
	case edns != 0 && edns != ednsGlibc:
		return sign{"other", "A and AAAA from one port, with an OPT record of %d bytes", int(edns)}
	case all && far == 0:
		return sign{name: "musl", why: "asks all servers at once"}
	}
	// One pair in seventy is near by chance. A client that has many others has no musl. One of musl's is far where its process had to wait between them.
	c := t.clients.At(l.client)
	nears, fars := c.near, c.far
	musl := far == 0 || near > 1 && near > far
	if musl {
		nears++
	} else {
		fars++
	}
	if learn {
		c.near, c.far = nears, fars
	}
	if musl && edns == 0 && (near > 1 || nears*chance > fars) {
		return sign{"musl", "A and AAAA from one port, ids %d apart", int(delta)}
	}
	return sign{name: "glibc", why: "A and AAAA from one port, ids unrelated"}
}

// bareAfterSilence recognizes glibc's way out of a search.
func (t *Tracker) bareAfterSilence(l *lookup) bool {
	if l.cands < 2 {
		return false
	}
	before, last := t.lastTwo(l)
	return t.bare(l, last) && before.open > 0 && !t.bare(l, before)
}

// bare reports whether a candidate is the name that the program asked for, as a search shows it.
func (t *Tracker) bare(l *lookup, c *candidate) bool {
	return l.base != 0 && len(t.names.text(c.name)) == int(l.base)
}

// lastTwo returns a search's last two candidates.
func (t *Tracker) lastTwo(l *lookup) (before, last *candidate) {
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		before, last = last, c
	}
	return before, last
}
