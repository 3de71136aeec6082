package lookup

import (
	"cmp"
	"math/bits"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// serverStats counts per DNS server, as clients addressed it.
type serverStats struct{ byServer map[netip.AddrPort]*server }

// maxBackends of one server are listed.
const maxBackends = 64

type server struct {
	queries, retries, answers, servfail uint64
	backends                            []netip.AddrPort
	// timed counts the answers whose time is known: those in times.
	timed uint64
	// times is a histogram of answer times, eight steps for each doubling.
	times [8 * 44]uint32
}

func (s *serverStats) of(a netip.AddrPort) *server {
	v := s.byServer[a]
	if v == nil {
		if len(s.byServer) >= maxServers {
			return &server{}
		}
		v = &server{}
		s.byServer[a] = v
	}
	return v
}

// asked counts a message that asks q.server. One server is asked a question once; what comes thereafter is a retry, unless it comes over
// TCP or for more room: as fact.Lookup counts.
func (s *serverStats) asked(c *candidate, q *query) {
	v := s.of(q.server)
	switch {
	case !c.put(q, func(*query) bool { return true }):
		v.queries++
	case q.again == fact.NewAttempt || q.again == fact.NextServer:
		v.retries++
	}
}

// answered counts the first answer to q.
func (s *serverStats) answered(c *candidate, q *query) {
	v := s.of(q.server)
	if !c.put(q, func(p *query) bool { return p.everAnswered }) {
		v.answers++
	}
	if q.rcode == rcodeServfail {
		v.servfail++
	}
	if b := q.backend; b.IsValid() && b != q.server && len(v.backends) < maxBackends && !slices.Contains(v.backends, b) {
		v.backends = append(v.backends, b)
	}
	if q.sent != 0 {
		v.timed++
		v.times[bin(q.firstAnswer-q.sent)]++
	}
}

// declined takes back what answered counted.
func (s *serverStats) declined(c *candidate, q *query) {
	v := s.of(q.server)
	if !c.put(q, func(p *query) bool { return p.everAnswered }) {
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

// put reports whether another message that put q's question to q's server is such a one.
func (c *candidate) put(q *query, such func(*query) bool) bool {
	return slices.ContainsFunc(c.queries, func(p *query) bool {
		return p != q && p.qtype == q.qtype && p.server == q.server && such(p)
	})
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
	out := make([]fact.DNSServer, 0, len(t.stats.byServer))
	for a, v := range t.stats.byServer {
		out = append(out, fact.DNSServer{
			Server: a, Backends: slices.Clone(v.backends), Queries: v.queries, Retries: v.retries, Answers: v.answers,
			Unanswered: v.queries - min(v.queries, v.answers), Servfail: v.servfail, Median: v.median(),
		})
	}
	slices.SortFunc(out, func(a, b fact.DNSServer) int {
		return cmp.Or(cmp.Compare(b.Queries, a.Queries), a.Server.Compare(b.Server))
	})
	return out
}
