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
	out map[heading[netip.Addr]]*departures
	net map[heading[netip.Prefix]]*departures
	// works says that packets from a network which came in by an interface were acted upon.
	works map[gate]map[netip.Prefix]bool
	// round has the addresses that got an answer by the interface that their packets come in by.
	round map[gate]map[netip.Addr]bool
	// detours has the ways there and back that are not the same and work all the same.
	detours map[[2]gate]bool
	// inside has the captures that show pods' interfaces.
	inside map[uint16]bool
}

// heading is where a node sends packets to.
type heading[K comparable] struct {
	node string
	to   K
}

// departures are the interfaces by which a node sends somewhere, each with the first view of such packets.
type departures struct {
	by map[gate]*fact.View
	// last is the latest of those views that leads to other machines, local says that one does not; known when all are in.
	last  *fact.View
	local bool
}

// roads returns the roads of all nodes, as far as packets outside of tunnels show them.
func (s *scene) roads() roads {
	r := roads{
		out: map[heading[netip.Addr]]*departures{}, net: map[heading[netip.Prefix]]*departures{},
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
	for _, d := range r.out {
		d.finish()
	}
	for _, d := range r.net {
		d.finish()
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
				put(r.out, heading[netip.Addr]{l.Node, to}, v)
				put(r.net, heading[netip.Prefix]{l.Node, network(to)}, v)
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

func put[K comparable](m map[K]*departures, k K, v *fact.View) {
	d := m[k]
	if d == nil {
		d = &departures{by: map[gate]*fact.View{}}
		m[k] = d
	}
	if old := d.by[gateOf(v)]; old == nil || v.First < old.First {
		d.by[gateOf(v)] = v
	}
}

func (d *departures) finish() {
	for _, v := range d.by {
		switch {
		case !outward(v):
			d.local = true
		case d.last == nil || v.First > d.last.First || v.First == d.last.First && v.Interface < d.last.Interface:
			d.last = v
		}
	}
}

// back returns the view of packets that a node sends to where those of c come in at a view from, if they take another way; nil where that is
// not known, or some take the same way. Where nothing goes to the very address, what goes to its network tells, unless any of that lives on the
// node. Of several views it is the latest: nearest to the wire.
func (r *roads) back(c *fact.Connection, in *fact.View, node string, a netip.Addr) *fact.View {
	d := r.out[heading[netip.Addr]{node, a}]
	if d == nil {
		if d = r.net[heading[netip.Prefix]{node, network(a)}]; d == nil || d.local || !outward(in) {
			return nil
		}
	}
	for i := range c.Legs {
		for k := range c.Legs[i].Views {
			if v := &c.Legs[i].Views[k]; len(c.Legs[i].Encap) == 0 && v.Flow == in.Flow && v.In() && d.by[gateOf(v)] != nil {
				return nil // by the same way
			}
		}
	}
	return d.last
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
