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
	queries, answers, servfail uint64
	backends                   []netip.AddrPort
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

func (s *serverStats) asked(a netip.AddrPort) { s.of(a).queries++ }

func (s *serverStats) answered(a, backend netip.AddrPort, d int64, rcode uint8) {
	v := s.of(a)
	v.answers++
	if rcode == rcodeServfail {
		v.servfail++
	}
	if backend.IsValid() && backend != a && len(v.backends) < maxBackends && !slices.Contains(v.backends, backend) {
		v.backends = append(v.backends, backend)
	}
	v.times[bin(d)]++
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
	half := (v.answers + 1) / 2
	for b, n := range v.times {
		if half <= uint64(n) && n > 0 {
			return (binStart(b) + binStart(b+1)) / 2
		}
		half -= uint64(n)
	}
	return 0
}

// Servers returns the DNS servers that were asked, busiest first. Medians are within a sixteenth of the truth. Queries of DNS
// servers to each other count too: an upstream server is one.
func (t *Tracker) Servers() []fact.DNSServer {
	out := make([]fact.DNSServer, 0, len(t.stats.byServer))
	for a, v := range t.stats.byServer {
		out = append(out, fact.DNSServer{
			Server: a, Backends: slices.Clone(v.backends), Queries: v.queries, Answers: v.answers, Servfail: v.servfail,
			Median: v.median(),
		})
	}
	slices.SortFunc(out, func(a, b fact.DNSServer) int {
		return cmp.Or(cmp.Compare(b.Queries, a.Queries), a.Server.Compare(b.Server))
	})
	return out
}
