package lookup

import (
	"cmp"
	"math/bits"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// serverStats counts per DNS server, as clients addressed it.
type serverStats struct {
	list []*server
	// spare is counted into where there are too many.
	spare server
}

// maxBackends of one server are listed.
const maxBackends = 64

type server struct {
	addr                                netip.AddrPort
	queries, retries, answers, servfail uint64
	backends                            []netip.AddrPort
	// timed counts the answers whose time is known: those in times.
	timed uint64
	// times is a histogram of answer times, eight steps for each doubling.
	times [8 * 44]uint32
}

// statsOf returns the statistics of an endpoint.
func (t *Tracker) statsOf(id uint32) *server {
	s := &t.stats
	if id == 0 {
		return &s.spare
	}
	e := t.endpoints.At(id)
	if e.stats == 0 {
		if len(s.list) >= maxServers {
			return &s.spare
		}
		s.list = append(s.list, &server{addr: t.endpoint(id)})
		e.stats = uint32(len(s.list))
		e.held++ // it stays known
	}
	return s.list[e.stats-1]
}

// asked counts a message that asks q.server. One server is asked a question once; what comes thereafter is a retry, unless it comes over
// TCP or for more room: as fact.Lookup counts.
func (t *Tracker) asked(q *query) {
	v := t.statsOf(q.server)
	switch {
	case !t.put(q, false):
		v.queries++
	case q.again == fact.NewAttempt || q.again == fact.NextServer:
		v.retries++
	}
}

// answered counts the first answer to q.
func (t *Tracker) answered(q *query) {
	v := t.statsOf(q.server)
	if !t.put(q, true) {
		v.answers++
	}
	if q.rcode == rcodeServfail {
		v.servfail++
	}
	if q.backend != 0 && q.backend != q.server && len(v.backends) < maxBackends {
		if b := t.endpoint(q.backend); !slices.Contains(v.backends, b) {
			v.backends = append(v.backends, b)
		}
	}
	if q.sent != 0 {
		v.timed++
		v.times[bin(q.firstAnswer-q.sent)]++
	}
}

// declined takes back what answered counted.
func (t *Tracker) declined(q *query) {
	v := t.statsOf(q.server)
	if !t.put(q, true) {
		v.answers -= min(v.answers, 1)
	}
	if q.rcode == rcodeServfail {
		v.servfail -= min(v.servfail, 1)
	}
	if n := &v.times[bin(q.firstAnswer-q.sent)]; q.sent != 0 && *n > 0 {
		v.timed--
		*n--
	}
}

// put reports whether another message put q's question to q's server, and was answered if that is asked.
func (t *Tracker) put(q *query, answered bool) bool {
	for p := t.query(t.cands.At(q.cand).first); p != nil; p = t.query(p.next) {
		if p != q && p.qtype == q.qtype && p.server == q.server && (p.everAnswered || !answered) {
			return true
		}
	}
	return false
}

// bin numbers the histogram's steps: the exponent, and the three bits behind the leading one.
func bin(d int64) int {
	if d < 8 {
		return 0
	}
	n := bits.Len64(uint64(d))
	return min((n-4)*8+int(d>>(n-4)&7)+1, 8*44-1)
}

// binStart is the shortest time that falls into a step.
func binStart(b int) int64 {
	if b == 0 {
		return 0
	}
	b--
	return (8 + int64(b&7)) << (b >> 3)
}

func (v *server) median() int64 {
	half := (v.timed + 1) / 2
	for b, n := range v.times {
		if half <= uint64(n) && n > 0 {
			return (binStart(b) + binStart(b+1)) / 2
		}
		half -= uint64(n)
	}
	return -1
}

// Servers returns the DNS servers that were asked, busiest first. Medians are within a sixteenth of the truth. Queries of DNS
// servers to each other count too: an upstream server is one.
func (t *Tracker) Servers() []fact.DNSServer {
	out := make([]fact.DNSServer, 0, len(t.stats.list))
	for _, v := range t.stats.list {
		out = append(out, fact.DNSServer{
			Server: v.addr, Backends: slices.Clone(v.backends), Queries: v.queries, Retries: v.retries, Answers: v.answers,
			Unanswered: v.queries - min(v.queries, v.answers), Servfail: v.servfail, Median: v.median(),
		})
	}
	slices.SortFunc(out, func(a, b fact.DNSServer) int {
		return cmp.Or(cmp.Compare(b.Queries, a.Queries), a.Server.Compare(b.Server))
	})
	return out
}
