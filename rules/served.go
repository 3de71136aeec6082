package rules

import (
	"cmp"
	"math"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// served is a connection that a backend sent data on and did not lose: when it began, and until when any that began no later was answered.
type served struct{ start, until int64 }

// acceptedAfter returns when the first connection began after a time that a backend answered, 0 for never.
func (s *scene) acceptedAfter(backend netip.AddrPort, t int64) int64 {
	for _, a := range s.answeredBy(backend) {
		if a.start > t {
			return a.start
		}
	}
	return 0
}

// answeredBy returns the connections, TCP's and SCTP's, that a backend answered, by their beginning. There may be as many as resets.
func (s *scene) answeredBy(backend netip.AddrPort) []served {
	if s.answers == nil {
		s.answers = map[netip.AddrPort][]served{}
		for i := range s.Reach {
			y := &s.Reach[i]
			if !y.Proto.Opens() || y.Signs&fact.SignAnswered == 0 {
				continue
			}
			for k := range y.Examples {
				c := &y.Examples[k]
				if c.Flow[fact.ToClient].Bytes == 0 || c.Reset != nil && c.Reset.From != fact.ToServer {
					continue
				}
				start := c.Start
				if c.Midstream {
					start = math.MinInt64
				}
				s.answers[y.Backend] = append(s.answers[y.Backend], served{start, c.Flow[fact.ToClient].Tail})
			}
		}
		for _, list := range s.answers {
			slices.SortFunc(list, func(a, b served) int { return cmp.Compare(a.start, b.start) })
			for i := 1; i < len(list); i++ {
				list[i].until = max(list[i].until, list[i-1].until)
			}
		}
	}
	return s.answers[backend]
}

// livesOn reports whether the backend of x was not replaced when the RST came: a connection to it, begun before it was last heard, was answered
// after the RST. One that began later may be that of a new pod at the same address.
// Or the client's node made the RST, and the backend answers others later: IPVS had forgotten the connection, as it does after 15
// minutes (net/netfilter/ipvs/ip_vs_proto_tcp.c, tcp_timeouts).
func (s *scene) livesOn(x *fact.Reach, heard int64, r *fact.Reset) bool {
	list := s.answeredBy(x.Backend)
	n := len(list)
	if !r.ByNode {
		n, _ = slices.BinarySearchFunc(list, heard, func(a served, t int64) int { return cmp.Compare(a.start, t) })
	}
	return n > 0 && list[n-1].until > r.Time
}
