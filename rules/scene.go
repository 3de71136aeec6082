package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// scene is the facts as rules look at them, with the indexes they share, and the facts explained so far.
type scene struct {
	*fact.Facts
	limits Thresholds
	// byCalled finds the ways of reaching a Service or another place, byClient those of a client.
	byCalled map[netip.AddrPort][]*fact.Reach
	byClient map[netip.Addr][]*fact.Reach
	// explained has, per rule, the connections and lookups that need no finding of it any more.
	explained map[string]map[any]bool
	// sockets finds the connection of a client's socket with a server; made on first use.
	sockets map[[2]netip.AddrPort]socket
	// answers finds the connections that a backend answered; made when first asked for.
	answers map[netip.AddrPort][]served
	// rests has the captures that show later fragments; made when first asked for.
	rests map[uint16]bool
	// carried finds what a tunnel carries, by the tunnel in its direction; made when first asked for.
	carried map[fact.Encap][]passenger
}

func newScene(f *fact.Facts, limits Thresholds) *scene {
	s := &scene{
		Facts: f, limits: limits, byCalled: map[netip.AddrPort][]*fact.Reach{}, byClient: map[netip.Addr][]*fact.Reach{},
		explained: map[string]map[any]bool{},
	}
	for i := range f.Reach {
		r := &f.Reach[i]
		s.byCalled[r.Called] = append(s.byCalled[r.Called], r)
		s.byClient[r.Client] = append(s.byClient[r.Client], r)
	}
	return s
}

// lastSeen returns when an address last sent anything, 0 for never.
func (s *scene) lastSeen(a netip.Addr) int64 {
	if x := s.Address(a); x != nil {
		return x.Last
	}
	return 0
}

// whole reports whether the capture that shows a connection's beginning was taken without a filter.
func (s *scene) whole(c *fact.Connection) bool {
	return s.Captures[s.captureOf(c)].Whole()
}

// bothWays reports whether the capture that shows a connection's beginning is not one of a single direction, in which no answer
// can be missed. A capture of one interface may not say which way a packet goes, and has both.
func (s *scene) bothWays(c *fact.Connection) bool {
	x := &s.Captures[s.captureOf(c)]
	return (x.In == 0) == (x.Out == 0)
}

// outside reports whether the far end of x is on the Internet, beyond the cluster and the network around it.
func (s *scene) outside(x *fact.Reach) bool {
	a := x.Backend.Addr()
	return a.IsGlobalUnicast() && !a.IsPrivate() && s.Role(a) == fact.RoleUnknown && !s.isPod(x)
}

// open returns the ways of reaching that rule r may still judge.
func (s *scene) open(r *Rule, which func(*fact.Reach) bool) []*fact.Reach {
	var list []*fact.Reach
	done := s.explained[r.ID]
	for i := range s.Reach {
		if x := &s.Reach[i]; !done[x] && which(x) {
			list = append(list, x)
		}
	}
	return list
}

// explain notes that the facts a finding covers need no finding of the rules that it explains.
func (s *scene) explain(r *Rule, f *Finding) {
	for _, id := range r.Explains {
		done := s.explained[id]
		if done == nil {
			done = map[any]bool{}
			s.explained[id] = done
		}
		for _, x := range f.covers {
			done[x] = true
		}
	}
}

// isPod reports whether the backend of x is a pod, or was chosen by a Service: an address outside that does not answer says
// nothing about the cluster.
func (s *scene) isPod(x *fact.Reach) bool {
	if x.Service.IsValid() || s.Role(x.Backend.Addr()) == fact.RolePod {
		return true
	}
	if s.Cluster.NearPods(x.Backend.Addr()) {
		return true
	}
	return len(x.Examples) > 0 && tunnelEnds(&x.Examples[0]) != nil
}

// callsPod reports whether a connection's far end is a pod, and no address of a node: by its role, or because a tunnel leads to it.
func (s *scene) callsPod(c *fact.Connection) bool {
	return s.Role(c.Backend.Addr()) == fact.RolePod || c.Backend.IsValid() && tunnelEnds(c) != nil
}

// otherBackendWorks reports whether a Service was reached by another backend after a time.
func (s *scene) otherBackendWorks(x *fact.Reach, after int64) bool {
	for _, y := range s.byCalled[x.Called] {
		if y.Outcome == fact.OK && y.Backend.IsValid() && y.Backend != x.Backend && y.Last > after {
			return true
		}
	}
	return false
}

// refusedSince reports whether the node refused connections to a Service after a time: it has no endpoint any more.
func (s *scene) refusedSince(x *fact.Reach, after int64) bool {
	for _, y := range s.byCalled[x.Called] {
		for i := range y.Examples {
			if c := &y.Examples[i]; c.KnownBy == fact.RejectedByNode && c.End > after {
				return true
			}
		}
	}
	return false
}

// whatWorks lists, for a person, other traffic of the same client or backend that worked.
func (s *scene) whatWorks(x *fact.Reach) []string {
	var list []string
	seen := map[string]bool{}
	say := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !seen[text] && len(list) < 4 {
			seen[text] = true
			list = append(list, text)
		}
	}
	for i := range s.Lookups {
		if l := &s.Lookups[i]; l.Client == x.Client && l.Outcome == fact.LookupAnswered {
			say("DNS for %s", x.Client)
			break
		}
	}
	for i := range s.Plain {
		if s.Plain[i].Client == x.Client {
			say("DNS for %s", x.Client)
			break
		}
	}
	for i := range s.Reach {
		y := &s.Reach[i]
		switch {
		case y.Outcome != fact.OK || !y.Proto.Opens():
		case y.Client == x.Client && !y.Backend.IsValid():
			say("%s to %s", y.Client, y.Called)
		case y.Client == x.Client, y.Backend == x.Backend:
			say("%s to %s", y.Client, y.Backend)
		}
	}
	return list
}
