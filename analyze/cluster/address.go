package cluster

import (
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// address is what is known of an IP address.
type address struct {
	sent        uint64
	first, last int64
	// The machines, plus one, on which its packets begin by leaving it, with an untouched TTL, and among them those of a client.
	ownOn, opensOn uint16
	// reachedOn is the machine, plus one, in which packets for it end that a node had forwarded to there.
	reachedOn uint16
	// ingress is the interface by which its packets come in, the TTL untouched, to the first machine that is not its own.
	ingress place
	entered bool
	// resets: RSTs alone came in so. Others may make these in its name.
	resets bool
	// tunnel: an outer address of encapsulated packets. inner: its packets begin inside of a tunnel.
	tunnel, inner bool
	// service: it was called, and translated, on a port that is no NodePort. backend: a Service was translated to it, as to a pod. refuses: calls to
	// refused, a port of it, were refused by a machine with ICMP. named: DNS gave it for a Service's name. dns: it answers DNS queries.
	service, backend, refuses, named, dns bool
	refused                               uint16
}

// change enters something about an address.
func (k *Cluster) change(a netip.Addr, set func(*address)) { k.addresses.change(a, set) }

// seen returns what is known of an address.
func (k *Cluster) seen(a netip.Addr) address { return k.addresses.get(a) }

// spoke enters the sender of one direction of connections that went as c did, and the interface that its packets came by. The source in the view nearest to
// the sender is the sender's own address.
func (k *Cluster) spoke(c *fact.Connection, flow fact.Direction, m *More) {
	leg, v := nearest(c, flow, func(*fact.View) bool { return true })
	packets := m.Packets[flow]
	if r := c.Reset; r != nil && r.From == flow && r.MadeHere {
		// A machine may have made the RST in another's name, as a REJECT rule or IPVS does.
		packets -= min(packets, uint64(c.Flow[flow].Resets))
	}
	if v == nil || packets == 0 {
		return
	}
	machine := k.machineOf(int(v.Capture)) + 1
	ingress := v
	own := v.Out() && fact.Untouched(v.TTL) && len(leg.Encap) == 0 && v.Hardware != hardwareLoopback
	if own {
		_, ingress = nearest(c, flow, func(v *fact.View) bool { return k.machineOf(int(v.Capture))+1 != machine })
	}
	opens := own && flow == fact.ToServer && !c.Midstream
	k.change(source(leg, flow), func(x *address) {
		if x.sent == 0 || v.First < x.first {
			x.first = v.First
		}
		x.sent += packets
		x.last = max(x.last, m.Tail[flow])
		x.inner = x.inner || len(leg.Encap) > 0
		if own {
			x.ownOn = lower(x.ownOn, machine)
		}
		if opens {
			x.opensOn = lower(x.opensOn, machine)
		}
		if ingress != nil && ingress.In() && fact.Untouched(ingress.TTL) && len(leg.Encap) == 0 && !ingress.Mixed {
			resets := c.Flow[flow].Packets == uint64(c.Flow[flow].Resets)
			if p := placeOf(ingress); !x.entered || x.resets && !resets || x.resets == resets && p.compare(x.ingress) < 0 {
				x.ingress, x.entered, x.resets = p, true, resets
			}
		}
	})
	if len(leg.Encap) > 0 {
		k.mark(source(leg, flow), func(n *network) { n.inner = true })
	}
	if opens {
		k.machines[machine-1].opens = true
	}
}

// lower returns the lower one of two machines, each plus one, 0 being none: names must not depend on the order of learning.
func lower(a, b uint16) uint16 {
	if a == 0 || b < a {
		return b
	}
	return a
}

// source returns the address that packets of one direction have as their source on a leg.
func source(l *fact.Leg, flow fact.Direction) netip.Addr {
	if flow == fact.ToServer {
		return l.Src.Addr()
	}
	return l.Dst.Addr()
}

// destination returns the address that packets of one direction have as their destination on a leg.
func destination(l *fact.Leg, flow fact.Direction) netip.Addr { return source(l, 1-flow) }

// nearest returns the view nearest the sender of one direction, and its leg, nil where no view of it counts: the view whose packets
// have the largest TTL, and of those the one that showed them first.
func nearest(c *fact.Connection, flow fact.Direction, counts func(*fact.View) bool) (leg *fact.Leg, best *fact.View) {
	for i := range c.Legs {
		for n := range c.Legs[i].Views {
			v := &c.Legs[i].Views[n]
			if v.Flow != flow || !counts(v) {
				continue
			}
			if best == nil || v.TTL > best.TTL || v.TTL == best.TTL && v.First < best.First {
				leg, best = &c.Legs[i], v
			}
		}
	}
	return leg, best
}

// Heard enters that an address showed life otherwise, as the sender of an ARP packet.
func (k *Cluster) Heard(a netip.Addr, time int64) {
	k.change(a, func(x *address) {
		x.last = max(x.last, time)
		if x.first == 0 {
			x.first = time
		}
	})
}

// tunnel is one direction of a tunnel.
type tunnel struct{ src, dst netip.Addr }

// Tunnel enters an encapsulation from src to dst, and the largest TTL that TCP packets inside of it had, RSTs aside; 0 where none is
// known.
func (k *Cluster) Tunnel(src, dst netip.Addr, ttl uint8) {
	clear(k.faces)
	k.tunnels.change(tunnel{src, dst}, func(most *uint8) { *most = max(*most, ttl) })
	for _, a := range [...]netip.Addr{src, dst} {
		k.change(a, func(x *address) { x.tunnel = true })
		k.mark(a, func(n *network) { n.tunnel = true })
	}
}

// DNSServer enters that an address answers DNS queries.
func (k *Cluster) DNSServer(a netip.Addr) { k.change(a, func(x *address) { x.dns = true }) }

// NamedService enters that DNS gave an address for a Service's name. That of a headless Service is a pod's, which shows elsewhere.
func (k *Cluster) NamedService(a netip.Addr) { k.change(a, func(x *address) { x.named = true }) }

// role returns what an address is, and why.
func (k *Cluster) role(a netip.Addr) (fact.AddressRole, string) {
	x := k.seen(a)
	if r, because := k.liveRole(a, &x); r == fact.RoleNode || x.backend || !x.service && !(x.refuses && k.refusedEndpoint(netip.AddrPortFrom(a, x.refused))) {
		return r, because
	}
	return fact.RoleService, "calls to it were translated or refused by the node"
}

// host returns whether a pod or a node has an address. A Service's address is RoleUnknown here.
func (k *Cluster) host(a netip.Addr) fact.AddressRole {
	x := k.seen(a)
	r, _ := k.liveRole(a, &x)
	return r
}

func (k *Cluster) liveRole(a netip.Addr, x *address) (fact.AddressRole, string) {
	switch {
	case x.tunnel:
		return fact.RoleNode, "tunnel packets go from or to it"
	case x.ownOn != 0 && !k.isHost(x.ownOn-1) && !x.inner && (!x.backend || k.nearTunnels(a)):
		return fact.RoleNode, "its packets begin by leaving the node"
	case x.inner:
		return fact.RolePod, "its packets travel inside tunnels"
	case x.backend && !k.isNeighbour(a, x) && k.nearPods(a):
		return fact.RolePod, "a Service was translated to it"
	}
	return fact.RoleUnknown, ""
}

// isNeighbour reports whether an address is that of a machine on a node's own network: its packets come in untouched by an interface that
// is not its alone. A pod on another node has a router before it, one on the same node an interface of its own. RSTs alone say nothing where all else
// has a router before it.
func (k *Cluster) isNeighbour(a netip.Addr, x *address) bool {
	if !x.entered || x.resets && k.beyondRouters(a, k.machineOf(int(x.ingress.capture))) {
		return false
	}
	d := k.interfaces.seen.find(x.ingress)
	return d != nil && (d.many || d.arrived > 0 || d.own > 0 || d.wrapped > 0)
}

// speaks reports whether packets were seen that begin with this address as their source.
func (k *Cluster) speaks(a netip.Addr) bool { return k.seen(a).sent > 0 }

// Addresses returns all addresses with their roles, in order.
func (k *Cluster) Addresses() []fact.Address {
	behind := map[netip.Addr]int{} // a pod's address, and the capture that shows its interface
	for _, p := range k.interfaces.places() {
		if _, r := k.face(p, p.index); r.Pod.IsValid() {
			behind[r.Pod] = int(p.capture)
		}
	}
	n := 0
	for range k.addresses.all() {
		n++
	}
	list := slices.Grow([]fact.Address(nil), n)
	for a, x := range k.addresses.all() {
		role, because := k.role(a)
		f := fact.Address{Addr: a, Role: role, Because: because, DNSServer: x.dns, Sent: x.sent, First: x.first, Last: x.last}
		switch {
		case x.ownOn != 0 && !k.isHost(x.ownOn-1):
			f.Node = k.label(x.ownOn - 1)
		case x.entered && !k.isNeighbour(a, x):
			f.Node = k.sources[x.ingress.capture].Node
		case x.ownOn != 0:
			f.Node = k.label(x.ownOn - 1)
		}
		list = append(list, f)
	}
	for a := range behind {
		if k.addresses.find(a) == nil {
			list = append(list, fact.Address{Addr: a})
		}
	}
	for i := range list {
		f := &list[i]
		if capture, ok := behind[f.Addr]; ok && f.Role == fact.RoleUnknown {
			f.Role, f.Because = fact.RolePod, "an interface leads to it alone"
			if f.Node == "" {
				f.Node = k.sources[capture].Node
			}
		}
	}
	slices.SortFunc(list, func(a, b fact.Address) int { return a.Addr.Compare(b.Addr) })
	return list
}

// label returns the label of a machine.
func (k *Cluster) label(machine uint16) string {
	for i := range k.sources {
		if k.sources[i].Machine == machine {
			return k.sources[i].Node
		}
	}
	return ""
}
