package rules

import (
	"cmp"
	"net/netip"
	"reflect"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// index returns what build makes of the facts, made when first asked for. A hostile capture has thousands of ways of reaching, and a rule that
// looked at all of them for each would look hundreds of millions of times: it asks an index. Every index has a type of its own.
func index[T any](s *scene, build func(*scene) T) T {
	key := reflect.TypeFor[T]()
	if x, ok := s.indexes[key]; ok {
		return x.(T)
	}
	x := build(s)
	s.indexes[key] = x
	return x
}

// share returns how many others each of n things may be compared with where comparing all is the only way: all that an ordinary capture has, and
// of many times many so few that the whole remains a moment's work.
func share(n int) int {
	const fewest, together = 64, 1 << 20
	return max(fewest, together/max(n, 1))
}

// Indexes list ways of reaching by something that they have, each list in the order of Facts.Reach.
type (
	waysByBackend     map[netip.AddrPort][]*fact.Reach
	waysByDestination map[netip.AddrPort][]*fact.Reach
	waysByEnd         map[netip.Addr][]*fact.Reach
	orderOfWays       map[*fact.Reach]int
)

// clientAndBackend are the two ends of a way.
type clientAndBackend struct {
	client  netip.Addr
	backend netip.AddrPort
}

// enter enters a way, once by whatever it has several times.
func enter[M ~map[K][]*fact.Reach, K comparable](m M, k K, x *fact.Reach) {
	if list := m[k]; len(list) == 0 || list[len(list)-1] != x {
		m[k] = append(list, x)
	}
}

// byBackend returns the ways to a backend, to the zero value those of which none is known.
func (s *scene) byBackend(a netip.AddrPort) []*fact.Reach {
	return index(s, func(s *scene) waysByBackend {
		w := waysByBackend{}
		for i := range s.Reach {
			enter(w, s.Reach[i].Backend, &s.Reach[i])
		}
		return w
	})[a]
}

// byDestination returns the ways whose packets go to a destination.
func (s *scene) byDestination(a netip.AddrPort) []*fact.Reach {
	return index(s, func(s *scene) waysByDestination {
		w := waysByDestination{}
		for i := range s.Reach {
			enter(w, s.Reach[i].Destination, &s.Reach[i])
		}
		return w
	})[a]
}

// byEnd returns the ways that have an address at one of their ends, or at an end of the tunnel that their first example goes through.
func (s *scene) byEnd(a netip.Addr) []*fact.Reach {
	return index(s, func(s *scene) waysByEnd {
		w := waysByEnd{}
		for i := range s.Reach {
			x := &s.Reach[i]
			ends := []netip.Addr{x.Client, x.Called.Addr(), x.Backend.Addr(), x.Destination.Addr()}
			if len(x.Examples) > 0 {
				ends = append(ends, tunnelEnds(&x.Examples[0])...)
			}
			for _, a := range ends {
				enter(w, a, x)
			}
		}
		return w
	})[a]
}

// inOrder puts ways in the order of Facts.Reach, each once.
func (s *scene) inOrder(list []*fact.Reach) []*fact.Reach {
	slices.SortFunc(list, func(a, b *fact.Reach) int { return cmp.Compare(s.at(a), s.at(b)) })
	return slices.Compact(list)
}

// at returns the place of a way among all.
func (s *scene) at(x *fact.Reach) int {
	return index(s, func(s *scene) orderOfWays {
		m := make(orderOfWays, len(s.Reach))
		for i := range s.Reach {
			m[&s.Reach[i]] = i
		}
		return m
	})[x]
}

// Lookups by who asked, and by who was asked.
type (
	lookupsByClient map[netip.Addr][]*fact.Lookup
	lookupsByServer map[netip.AddrPort][]*fact.Lookup
	plainByServer   map[netip.AddrPort][]*fact.Plain
)

// lookupsOf returns the lookups of a client, in the order of Facts.Lookups.
func (s *scene) lookupsOf(client netip.Addr) []*fact.Lookup {
	return index(s, func(s *scene) lookupsByClient {
		m := lookupsByClient{}
		for i := range s.Lookups {
			l := &s.Lookups[i]
			m[l.Client] = append(m[l.Client], l)
		}
		return m
	})[client]
}

// lookupsAt returns the lookups at a server, in the order of Facts.Lookups.
func (s *scene) lookupsAt(server netip.AddrPort) []*fact.Lookup {
	return index(s, func(s *scene) lookupsByServer {
		m := lookupsByServer{}
		for i := range s.Lookups {
			l := &s.Lookups[i]
			m[l.Server] = append(m[l.Server], l)
		}
		return m
	})[server]
}

// plainAt returns the plain lookups at a server, in the order of Facts.Plain.
func (s *scene) plainAt(server netip.AddrPort) []*fact.Plain {
	return index(s, func(s *scene) plainByServer {
		m := plainByServer{}
		for i := range s.Plain {
			p := &s.Plain[i]
			m[p.Server] = append(m[p.Server], p)
		}
		return m
	})[server]
}
