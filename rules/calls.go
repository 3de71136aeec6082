package rules

import (
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// addressCalls is what became of all calls to one address.
type addressCalls struct {
	// works is when those that a backend took were last seen, by backend.
	works latest[netip.AddrPort]
	// rejected is when the last one ended that a node refused, 0 for none; tail is when one was last answered.
	rejected, tail int64
	// begun are the beginnings of examples that worked, in order.
	begun []int64
}

type callsByAddress map[netip.AddrPort]*addressCalls

// callsTo returns what became of the calls to an address.
func (s *scene) callsTo(a netip.AddrPort) *addressCalls {
	c := index(s, func(s *scene) callsByAddress {
		m := make(callsByAddress, len(s.byCalled))
		for a, ways := range s.byCalled {
			m[a] = foldCalls(ways)
		}
		return m
	})[a]
	if c == nil {
		return &addressCalls{}
	}
	return c
}

func foldCalls(ways []*fact.Reach) *addressCalls {
	c := &addressCalls{}
	for _, y := range ways {
		if y.Outcome == fact.OK && y.Backend.IsValid() {
			c.works.see(y.Backend, y.Last)
		}
		for i := range y.Examples {
			e := &y.Examples[i]
			if e.KnownBy == fact.RejectedByNode {
				c.rejected = max(c.rejected, e.End)
			}
			if e.Outcome == fact.OK {
				c.begun = append(c.begun, e.Start)
			}
			c.tail = max(c.tail, e.Flow[fact.ToClient].Tail)
		}
	}
	slices.Sort(c.begun)
	return c
}

// otherBackendWorks reports whether a Service was reached by another backend after a time.
func (s *scene) otherBackendWorks(x *fact.Reach, after int64) bool {
	at, ok := s.callsTo(x.Called).works.besides(x.Backend)
	return ok && at > after
}

// refusedSince reports whether the node refused connections to a Service after a time: it has no endpoint any more.
func (s *scene) refusedSince(x *fact.Reach, after int64) bool {
	return s.callsTo(x.Called).rejected > after
}

// worksAfter returns when a connection to the same Service first worked after a time, 0 for never.
func (s *scene) worksAfter(x *fact.Reach, t int64) int64 {
	return firstAfter(s.callsTo(x.Called).begun, t)
}

// firstAfter returns the first of times in order that is after another one, 0 without one.
func firstAfter(times []int64, t int64) int64 {
	if i, _ := slices.BinarySearch(times, t+1); i < len(times) {
		return times[i]
	}
	return 0
}
