package rules

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// gate is an interface of a capture.
type gate struct {
	capture uint16
	face    uint32
}

func gateOf(v *fact.View) gate { return gate{v.Capture, v.Interface} }

// outward reports whether a view's interface is known to lead to other machines.
func outward(v *fact.View) bool {
	return v.Role.Kind == fact.Uplink || v.Role.Kind == fact.TunnelDevice
}

// inward reports whether a view's interface is known to lead to no other machine, whatever goes on there.
func inward(v *fact.View) bool { return v.Role.Kind == fact.Bridge || v.Role.Kind == fact.Loopback }

// roads is by which interfaces a node sends to addresses and networks elsewhere, and takes in what goes on from there.
type roads struct {
	// out has the views of packets that went out, by their destination, net the same by its network.
	out map[string]map[netip.Addr]map[gate]*fact.View
	net map[string]map[netip.Prefix]map[gate]*fact.View
	// works says that packets from a network which came in by an interface were acted upon.
	works map[gate]map[netip.Prefix]bool
	// round has the addresses that got an answer by the interface that their packets come in by.
	round map[gate]map[netip.Addr]bool
	// detours has the ways there and back that are not the same and work all the same.
	detours map[[2]gate]bool
	// inside has the captures that show pods' interfaces.
	inside map[uint16]bool
}

// roads returns the roads of all nodes, as far as packets outside of tunnels show them.
func (s *scene) roads() roads {
	r := roads{
		out: map[string]map[netip.Addr]map[gate]*fact.View{}, net: map[string]map[netip.Prefix]map[gate]*fact.View{},
		works: map[gate]map[netip.Prefix]bool{}, round: map[gate]map[netip.Addr]bool{}, detours: map[[2]gate]bool{}, inside: map[uint16]bool{},
	}
	for i := range s.Interfaces {
		if k := s.Interfaces[i].Role.Kind; k == fact.Veth || k == fact.Bridge {
			r.inside[uint16(s.Interfaces[i].Capture)] = true
		}
	}
	for i := range s.Reach {
		x := &s.Reach[i]
		for k := range x.Examples {
			r.enter(x, &x.Examples[k])
		}
	}
	return r
}

func (r *roads) enter(x *fact.Reach, c *fact.Connection) {
	went := x.Signs&fact.SignAnswered != 0 && (x.Proto != fact.TCP || x.Phase != fact.PhaseHandshake)
	if in, out := c.Detour(); went && out != nil {
		r.detours[[2]gate{gateOf(in), gateOf(out)}] = true
	}
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			v := &l.Views[k]
			if len(l.Encap) > 0 || v.Mixed {
				continue
			}
			from, to := l.Src.Addr(), l.Dst.Addr()
			if v.Flow == fact.ToClient {
				from, to = to, from
			}
			if went && v.Out() && v.Flow == fact.ToClient && comesBy(c, gateOf(v), fact.ToServer) {
				if r.round[gateOf(v)] == nil {
					r.round[gateOf(v)] = map[netip.Addr]bool{}
				}
				r.round[gateOf(v)][to] = true
			}
			if v.Out() {
				put(r.out, l.Node, to, v)
				put(r.net, l.Node, network(to), v)
			}
			if v.In() && went {
				if r.works[gateOf(v)] == nil {
					r.works[gateOf(v)] = map[netip.Prefix]bool{}
				}
				r.works[gateOf(v)][network(from)] = true
			}
		}
	}
}

func put[K comparable](m map[string]map[K]map[gate]*fact.View, node string, to K, v *fact.View) {
	if m[node] == nil {
		m[node] = map[K]map[gate]*fact.View{}
	}
	if m[node][to] == nil {
		m[node][to] = map[gate]*fact.View{}
	}
	if old := m[node][to][gateOf(v)]; old == nil || v.First < old.First {
		m[node][to][gateOf(v)] = v
	}
}

// back returns the view of packets that a node sends to where those of c come in at a view from, if they take another way; nil where that is
// not known, or some take the same way. Where nothing goes to the very address, what goes to its network tells, unless any of that lives on the
// node. Of several views it is the latest: nearest to the wire.
func (r *roads) back(c *fact.Connection, in *fact.View, node string, a netip.Addr) *fact.View {
	ways := r.out[node][a]
	if len(ways) == 0 {
		ways = r.net[node][network(a)]
		if !outward(in) {
			return nil
		}
		for _, v := range ways {
			if !outward(v) {
				return nil
			}
		}
	}
	var last *fact.View
	for g, v := range ways {
		if comesBy(c, g, in.Flow) {
			return nil
		}
		if outward(v) && (last == nil || v.First > last.First || v.First == last.First && v.Interface < last.Interface) {
			last = v
		}
	}
	return last
}

// comesBy reports whether packets of a direction come in by an interface, outside of tunnels.
func comesBy(c *fact.Connection, g gate, d fact.Direction) bool {
	for i := range c.Legs {
		for k := range c.Legs[i].Views {
			if v := &c.Legs[i].Views[k]; len(c.Legs[i].Encap) == 0 && v.Flow == d && v.In() && gateOf(v) == g {
				return true
			}
		}
	}
	return false
}
