package rules

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// scene is the facts as rules look at them, with the indexes they share, and what has been explained so far.
type scene struct {
	*fact.Facts
	limits  Thresholds
	address map[netip.Addr]*fact.Address
	// reachBy finds who called a Service or another place, and who was called by a client.
	byCalled map[netip.AddrPort][]*fact.Reach
	byClient map[netip.Addr][]*fact.Reach
	// explained has, per rule, the connections and lookups that need no finding of it any more.
	explained map[string]map[any]bool
	// sockets finds the connection of a client's socket with a server; made when first asked for.
	sockets map[[2]netip.AddrPort]socket
}

func newScene(f *fact.Facts, limits Thresholds) *scene {
	s := &scene{
		Facts: f, limits: limits, address: map[netip.Addr]*fact.Address{},
		byCalled: map[netip.AddrPort][]*fact.Reach{}, byClient: map[netip.Addr][]*fact.Reach{},
		explained: map[string]map[any]bool{},
	}
	for i := range f.Addresses {
		s.address[f.Addresses[i].Addr] = &f.Addresses[i]
	}
	for i := range f.Reach {
		r := &f.Reach[i]
		s.byCalled[r.Called] = append(s.byCalled[r.Called], r)
		s.byClient[r.Client] = append(s.byClient[r.Client], r)
	}
	return s
}

// role returns what an address is.
func (s *scene) role(a netip.Addr) fact.AddressRole {
	if x := s.address[a]; x != nil {
		return x.Role
	}
	return fact.RoleUnknown
}

// lastSeen returns when an address last sent anything, 0 for never.
func (s *scene) lastSeen(a netip.Addr) int64 {
	if x := s.address[a]; x != nil {
		return x.Last
	}
	return 0
}

// whole reports whether the capture that shows a connection's beginning was taken without a filter.
func (s *scene) whole(c *fact.Connection) bool {
	return s.Captures[captureOf(c)].Whole()
}

// captureOf returns the index of the capture that shows the beginning of a connection.
func captureOf(c *fact.Connection) int {
	for _, l := range c.Legs {
		for _, v := range l.Views {
			return v.Capture
		}
	}
	return 0
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

// explain notes that what a finding covers needs no finding of the rules that it explains.
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
