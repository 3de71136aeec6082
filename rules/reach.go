package rules

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// example returns the first example that satisfies which, nil without one.
func example(r *fact.Reach, which func(*fact.Connection) bool) *fact.Connection {
	for i := range r.Examples {
		if c := &r.Examples[i]; which(c) {
			return c
		}
	}
	return nil
}

// captureOf returns the index of the capture that shows the beginning of a connection: that of a node, if there is one, rather than
// the client's own, which can't show the further way of its packets.
func (s *scene) captureOf(c *fact.Connection) int {
	first := -1
	for i := range c.Legs {
		for k := range c.Legs[i].Views {
			at := int(c.Legs[i].Views[k].Capture)
			if !s.Captures[at].Host {
				return at
			}
			if first < 0 {
				first = at
			}
		}
	}
	return max(first, 0)
}

// onNodes returns the legs of a connection that captures of nodes show. Legs that only the client's own machine or the backend's
// shows are no stretch of the way through the cluster.
func (s *scene) onNodes(c *fact.Connection) []fact.Leg {
	return slices.DeleteFunc(slices.Clone(c.Legs), func(l fact.Leg) bool {
		return len(l.Views) > 0 && s.Captures[l.Views[0].Capture].Host
	})
}

// hairpins reports whether a Service was translated to the client's own address.
func hairpins(x *fact.Reach) bool {
	return x.Service.IsValid() && x.Backend.IsValid() && x.Backend.Addr() == x.Client
}

// onlyComesIn reports whether all sightings of a connection on nodes are of its client's packets entering by one interface.
func (s *scene) onlyComesIn(c *fact.Connection) bool {
	legs := s.onNodes(c)
	if len(legs) != 1 || len(legs[0].Views) != 1 {
		return false
	}
	v := legs[0].Views[0]
	return v.In() && v.Flow == fact.ToServer
}

// endsWhereItCameIn reports whether a connection's packets come in to a node by an interface, and no other of that node shows them.
func (s *scene) endsWhereItCameIn(c *fact.Connection) bool {
	leg, view := farthest(c)
	if !view.In() || view.Mixed || view.Flow != fact.ToServer || s.Captures[view.Capture].Host || !s.Captures[view.Capture].Whole() ||
		view.Role.Kind != fact.Veth && view.Role.Kind != fact.Uplink || len(c.Errors) > 0 {
		return false
	}
	for i := range c.Legs {
		for k := range c.Legs[i].Views {
			if v := &c.Legs[i].Views[k]; c.Legs[i].Node == leg.Node && (v.Interface != view.Interface || !v.In()) {
				return false
			}
		}
	}
	return true
}

// reachesClient returns the first unreachable error that was addressed to the client, nil without one.
func reachesClient(c *fact.Connection) *fact.ICMPError {
	for i := range c.Errors {
		if e := &c.Errors[i]; e.ToClient && e.Unreachable() && !e.Tunnel {
			return e
		}
	}
	return nil
}

// leavesUntranslated reports whether a client's packet was seen going out, with the address it called as destination, by
// another interface than those it came in by; or leaves the machine of a client outside of the cluster, where the address
// means nothing.
func (s *scene) leavesUntranslated(c *fact.Connection) bool {
	legs := s.onNodes(c)
	if len(legs) == 0 {
		legs = c.Legs
	}
	type place struct {
		capture uint16
		iface   uint32
	}
	came := map[place]bool{}
	for _, l := range legs {
		for _, v := range l.Views {
			if v.In() && v.Flow == fact.ToServer {
				came[place{v.Capture, v.Interface}] = true
			}
		}
	}
	for _, l := range legs {
		if l.Dst != c.Called || len(l.Encap) > 0 {
			continue
		}
		for _, v := range l.Views {
			if v.Out() && v.Flow == fact.ToServer && !came[place{v.Capture, v.Interface}] && (len(came) > 0 || c.KnownBy == fact.OtherConnection) {
				return true
			}
		}
	}
	return false
}

// farthest returns the last place in which a client's packets were seen, in path order.
func farthest(c *fact.Connection) (*fact.Leg, *fact.View) {
	leg, view := &c.Legs[0], &fact.View{}
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			if v := &l.Views[k]; v.Flow == fact.ToServer && (l != leg || v.First >= view.First) {
				leg, view = l, v
			}
		}
	}
	return leg, view
}
