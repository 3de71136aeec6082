package role

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// maxAddresses bounds the table; a scan over all of IPv6 must not fill the memory.
const maxAddresses = 1 << 16

// Tracker collects what is seen of addresses.
type Tracker struct {
	seen map[wire.Addr]*trace
	// pods holds the networks that pods live in, see podNetwork.
	pods map[wire.Addr]bool
	// nodes holds those that tunnels end in.
	nodes map[wire.Addr]bool
	// latest holds traces looked up lately, so that the same addresses again take no map.
	latest [latest]struct {
		addr wire.Addr
		x    *trace
	}
}

// latest is the number of slots: more than there are pods on a node (110 by default) and on those it talks to most.
const (
	latestBits = 10
	latest     = 1 << latestBits
)

type trace struct {
	sent        uint64
	first, last int64
	node        uint16
	// tunnel: an outer address of encapsulated packets. inner: an inner source. own: its packets begin their way by
	// leaving the node. door: its packets begin their way by coming in, untouched, from one place.
	tunnel, inner, own, door bool
	// service: it was called and translated or refused; backend: it was translated to. nodePort likewise, by port.
	service, backend, dns bool
}

// New returns an empty Tracker.
func New() *Tracker {
	return &Tracker{seen: map[wire.Addr]*trace{}, pods: map[wire.Addr]bool{}, nodes: map[wire.Addr]bool{}}
}

func (t *Tracker) at(a wire.Addr) *trace {
	slot := &t.latest[(a.Lo^a.Hi)*0x9e3779b97f4a7c15>>(64-latestBits)] // Fibonacci hashing
	if slot.addr == a && slot.x != nil {
		return slot.x
	}
	x := t.seen[a]
	if x == nil {
		if len(t.seen) >= maxAddresses {
			return &trace{}
		}
		x = &trace{}
		t.seen[a] = x
	}
	slot.addr, slot.x = a, x
	return x
}

// Spoke enters the first sighting of a packet, on the given node.
func (t *Tracker) Spoke(p *decode.Packet, node uint16) {
	if p.Direction == decode.DirOut && madeUp(p) {
		return // the node spoke, not who it says
	}
	x := t.at(p.Src)
	if x.sent == 0 {
		x.first = p.Time
	}
	x.sent++
	x.last = max(x.last, p.Time)
	untouched := p.TTL == 64 || p.TTL == 128 || p.TTL == 255
	switch {
	case p.Stack != 0:
		if !x.inner {
			x.inner = true
			t.pods[podNetwork(p.Src)] = true
		}
	case !untouched:
	case p.Direction == decode.DirOut:
		x.own, x.node = true, node
	case p.Direction == decode.DirIn:
		x.door = true
		if !x.own {
			x.node = node
		}
	}
}

// Heard enters that an address showed life otherwise, as the sender of an ARP packet.
func (t *Tracker) Heard(a wire.Addr, time int64) {
	x := t.at(a)
	x.last = max(x.last, time)
	if x.first == 0 {
		x.first = time
	}
}

// madeUp reports whether a node may have made the packet in another's name, as a REJECT rule or IPVS makes a RST.
func madeUp(p *decode.Packet) bool {
	return p.Has&decode.HasTCP != 0 && p.Flags&wire.RST != 0
}

// Tunnel enters the two ends of an encapsulation.
func (t *Tracker) Tunnel(a, b wire.Addr) {
	for _, x := range [...]wire.Addr{a, b} {
		t.at(x).tunnel = true
		if len(t.nodes) < maxAddresses {
			t.nodes[podNetwork(x)] = true
		}
	}
}

// Service enters an address that was called and translated, or refused by the node. Backend one that was translated to.
func (t *Tracker) Service(a wire.Addr) { t.at(a).service = true }

// Backend enters an address that a Service's was translated to.
func (t *Tracker) Backend(a wire.Addr) {
	x := t.at(a)
	x.backend = true
	if !x.tunnel && !x.own && len(t.pods) < maxAddresses {
		t.pods[podNetwork(a)] = true
	}
}

// podNetwork returns the network that a node's pods share with a: a /24, or a /64 of IPv6, the sizes that the node CIDRs
// of kube-controller-manager have by default (--node-cidr-mask-size).
func podNetwork(a wire.Addr) wire.Addr {
	if a.Is4() {
		return wire.Addr{Lo: a.Lo &^ 0xff}
	}
	return wire.Addr{Hi: a.Hi, Lo: 1 << 63}
}

// NearPods reports whether an address lies in a network that pods were seen in.
func (t *Tracker) NearPods(a wire.Addr) bool { return t.pods[podNetwork(a)] }

// NearTunnels reports whether an address lies in a network, as podNetwork has it, in which tunnels end: that of the nodes.
func (t *Tracker) NearTunnels(a wire.Addr) bool { return t.nodes[podNetwork(a)] }

// DNS enters an address that answered DNS queries.
func (t *Tracker) DNS(a wire.Addr) { t.at(a).dns = true }

// Of returns what an address is, and why.
func (t *Tracker) Of(a wire.Addr) (fact.AddressRole, string) {
	x := t.seen[a]
	switch {
	case x == nil:
		return fact.RoleUnknown, ""
	case x.tunnel:
		return fact.RoleNode, "tunnel packets go from or to it"
	case x.own && !x.backend && !x.inner:
		return fact.RoleNode, "its packets begin by leaving the node"
	case x.service && !x.backend:
		return fact.RoleService, "calls to it were translated or refused by the node"
	case x.inner:
		return fact.RolePod, "its packets travel inside tunnels"
	case x.backend:
		return fact.RolePod, "a Service was translated to it"
	}
	return fact.RoleUnknown, ""
}

// Speaks reports whether packets were seen that begin with this address as their source.
func (t *Tracker) Speaks(a wire.Addr) bool {
	x := t.seen[a]
	return x != nil && x.sent > 0
}

// Addresses returns all addresses with their roles, in order. label names a node.
func (t *Tracker) Addresses(label func(node uint16) string) []fact.Address {
	list := make([]fact.Address, 0, len(t.seen))
	for a, x := range t.seen {
		role, because := t.Of(a)
		f := fact.Address{
			Addr: a.Netip(), Role: role, Because: because, DNSServer: x.dns, Sent: x.sent, First: x.first, Last: x.last,
		}
		if x.own || x.door {
			f.Node = label(x.node)
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b fact.Address) int { return a.Addr.Compare(b.Addr) })
	return list
}
