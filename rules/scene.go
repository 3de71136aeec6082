package rules

import (
	"net/netip"
	"strings"

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
	// behind holds the addresses of pods, as the interfaces that lead to them say.
	behind map[netip.Addr]bool
}

func newScene(f *fact.Facts, limits Thresholds) *scene {
	s := &scene{
		Facts: f, limits: limits, address: map[netip.Addr]*fact.Address{},
		byCalled: map[netip.AddrPort][]*fact.Reach{}, byClient: map[netip.Addr][]*fact.Reach{},
		explained: map[string]map[any]bool{}, behind: map[netip.Addr]bool{},
	}
	for i := range f.Interfaces {
		if pod, ok := strings.CutPrefix(f.Interfaces[i].Role, "veth "); ok {
			if a, err := netip.ParseAddr(pod); err == nil {
				s.behind[a] = true
			}
		}
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
	if x := s.address[a]; x != nil && x.Role != fact.RoleUnknown {
		return x.Role
	}
	if s.behind[a] {
		return fact.RolePod
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

// bothWays reports whether the capture that shows a connection's beginning is not one of a single direction, in which no answer
// can be missed. A capture of one interface may not say which way a packet goes, and has both.
func (s *scene) bothWays(c *fact.Connection) bool {
	x := &s.Captures[captureOf(c)]
	return (x.In == 0) == (x.Out == 0)
}

// outside reports whether the far end of x is on the Internet, beyond the cluster and the network around it.
func (s *scene) outside(x *fact.Reach) bool {
	a := x.Backend.Addr()
	return a.IsGlobalUnicast() && !a.IsPrivate() && s.role(a) == fact.RoleUnknown && !s.isPod(x)
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
