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
	list := s.answeredBy(backend)
	i, _ := slices.BinarySearchFunc(list, t, func(a served, t int64) int {
		if a.start <= t {
			return -1
		}
		return 1
	})
	if i == len(list) {
		return 0
	}
	return list[i].start
}

// answeredBy returns the connections, TCP's and SCTP's, that a backend answered, by their beginning. There may be as many as resets.
func (s *scene) answeredBy(backend netip.AddrPort) []served { return index(s, newServedBy)[backend] }

type servedBy map[netip.AddrPort][]served

func newServedBy(s *scene) servedBy {
	by := servedBy{}
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
			by[y.Backend] = append(by[y.Backend], served{start, c.Flow[fact.ToClient].Tail})
		}
	}
	for _, list := range by {
		slices.SortFunc(list, func(a, b served) int { return cmp.Compare(a.start, b.start) })
		for i := 1; i < len(list); i++ {
			list[i].until = max(list[i].until, list[i-1].until)
		}
	}
	return by
}

// livesOn reports whether a backend that was there at one time still was at a later one: a connection to it, begun by the first, was answered
// after the second. One that began in between may be that of a new pod at the same address.
func (s *scene) livesOn(backend netip.AddrPort, was, is int64) bool {
	list := s.answeredBy(backend)
	n, _ := slices.BinarySearchFunc(list, was, func(a served, t int64) int { return cmp.Compare(a.start, t) })
	return n > 0 && list[n-1].until > is
}
