package rules

import (
	"net/netip"
	"reflect"

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
	// indexes has what rules made of the facts, see index.
	indexes map[reflect.Type]any
}

func newScene(f *fact.Facts, limits Thresholds) *scene {
	s := &scene{
		Facts: f, limits: limits, byCalled: map[netip.AddrPort][]*fact.Reach{}, byClient: map[netip.Addr][]*fact.Reach{},
		explained: map[string]map[any]bool{}, indexes: map[reflect.Type]any{},
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

// openAmong returns those of some ways that rule r may still judge.
func (s *scene) openAmong(r *Rule, ways []*fact.Reach, which func(*fact.Reach) bool) []*fact.Reach {
	var list []*fact.Reach
	done := s.explained[r.ID]
	for _, x := range ways {
		if !done[x] && which(x) {
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

// callsPod reports whether a connection's far end is a pod, and no address of a node: by its role, because it lies among pods and is not known
// for anything else, or because a tunnel leads to it.
func (s *scene) callsPod(c *fact.Connection) bool {
	a := c.Backend.Addr()
	switch s.Role(a) {
	case fact.RolePod:
		return true
	case fact.RoleUnknown:
		return s.Cluster.NearPods(a) || a.IsValid() && tunnelEnds(c) != nil
	}
	return a.IsValid() && tunnelEnds(c) != nil
}
