package role

import (
	"cmp"
	"maps"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// The roles of interfaces. A veth's has the address of its pod behind it: "veth 10.244.1.5".
const (
	Veth     = "veth"
	Bridge   = "bridge"
	Tunnel   = "tunnel device"
	Uplink   = "uplink"
	Loopback = "loopback"
)

// ARPHRD types that tell the role at once (include/uapi/linux/if_arp.h).
const (
	hardwareTunnel   = 768 // ipip
	hardwareTunnel6  = 769 // ip6tnl
	hardwareLoopback = 772
	hardwareSIT      = 776 // 6in4
	hardwareGRE      = 778
	hardwareGRE6     = 823
	hardwareNone     = 65534 // wireguard, tun
)

// maxInterfaces bounds the interfaces that evidence is kept of; an index is 32 bits of a file that a stranger may have made.
const maxInterfaces = 1 << 12

// Place is an interface of a capture.
type Place struct {
	Index    uint32
	Capture  uint16
	Hardware uint16 // ARPHRD type, 0 where the capture has none
	// Mixed says that the capture does not tell its interfaces apart: only Hardware can say something then.
	Mixed bool
}

// Passage is how the packets of one direction of a connection crossed an interface.
type Passage struct {
	Place
	Direction decode.Direction
	// Depth is the number of encapsulations.
	Depth int
	TTL   uint8
	// Src and Dst are the innermost addresses, in the direction of the packets.
	Src, Dst wire.Addr
}

// untouched reports whether no router has taken anything off the packets' TTL: 64 is Linux' and the BSDs' default, 128
// Windows', 255 that of network equipment.
func (p *Passage) untouched() bool { return p.TTL == 64 || p.TTL == 128 || p.TTL == 255 }

// Interfaces tells the role of interfaces from what passes them. SLL2 captures carry no names.
type Interfaces struct {
	seen map[Place]*passed
	// own holds networks of the node's own addresses, as its uplink shows them.
	own map[wire.Addr]bool
	// wraps holds the captures that show encapsulated packets.
	wraps map[uint16]bool
}

// passed is what passed an interface, as votes: one connection may be misread where timestamps of several processors
// contradict its path, many are not.
type passed struct {
	// wrapped: encapsulated packets. inner: packets without an encapsulation that they had, or got, on the interface
	// next to this one. between: packets on their way between two others, the TTL untouched.
	wrapped, inner, between uint32
	// doors: packets that began their way on the node by coming in here, the TTL untouched. arrived: likewise, but a
	// router had seen them. own: packets of the node itself, which left here and nowhere else.
	doors, arrived, own uint32
	from                wire.Addr // where one of the arrived came from
	// peer4 and peer6 are the only addresses that packets in doors came from; many says that there are several.
	peer4, peer6 wire.Addr
	many         bool
	// exits counts packets that ended their way on the node by going out here, by destination: the peer's or another's.
	exits, foreign uint32
	exit           wire.Addr // the only destination of all those, zero after a second one
	exitMany       bool
	// port: packets came here from a bridge, by which only a bridge's port can leave.
	port uint32
	// veth is the role of pod's own interface: every view of it says so, and all may say it in the same memory.
	veth   string
	vethOf wire.Addr
}

// NewInterfaces returns an empty table.
func NewInterfaces() *Interfaces {
	return &Interfaces{seen: map[Place]*passed{}, own: map[wire.Addr]bool{}, wraps: map[uint16]bool{}}
}

func (t *Interfaces) at(p Place) *passed {
	x := t.seen[p]
	if x == nil {
		x = &passed{}
		if len(t.seen) < maxInterfaces {
			t.seen[p] = x
		}
	}
	return x
}

// Enter enters the ways that the packets of one connection took, each through one node in one direction and in the order
// of the path.
func (t *Interfaces) Enter(ways [][]Passage) {
	for _, way := range ways {
		if len(way) > 0 {
			t.ends(way)
		}
	}
	for _, way := range ways {
		for i := range way {
			t.step(way, i)
		}
	}
}

// ends enters where a way begins and where it leaves the node.
func (t *Interfaces) ends(way []Passage) {
	first, last := &way[0], &way[len(way)-1]
	if x := t.at(first.Place); first.Direction == decode.DirIn && first.Depth == 0 {
		if first.untouched() {
			x.door(first.Src)
		} else {
			x.arrived++
			x.from = first.Src
		}
	}
	if last.Direction != decode.DirOut || last.Depth != 0 {
		return
	}
	x := t.at(last.Place)
	if first == last && last.untouched() {
		x.own++
		if len(t.own) < maxInterfaces {
			t.own[podNetwork(last.Src)] = true
		}
	}
	if last.Dst == x.peer4 || last.Dst == x.peer6 {
		x.exits++
	} else {
		x.foreign++
	}
	switch {
	case x.exit.IsZero() && !x.exitMany:
		x.exit = last.Dst
	case x.exit != last.Dst && x.exit.Is4() == last.Dst.Is4():
		x.exit, x.exitMany = wire.Addr{}, true
	}
}

// door enters packets that came in from src.
func (x *passed) door(src wire.Addr) {
	x.doors++
	peer := &x.peer6
	if src.Is4() {
		peer = &x.peer4
	}
	switch {
	case peer.IsZero():
		*peer = src
	case *peer != src && src.Hi>>54 != linkLocal:
		x.many = true
	}
}

// linkLocal is the first 10 bits of an IPv6 link-local address (RFC 4291, section 2.5.6), of which a pod has one beside
// its own.
const linkLocal = 0xfe80 >> 6

// step enters what the neighbours on its way say of a passage.
func (t *Interfaces) step(way []Passage, i int) {
	p := &way[i]
	x := t.at(p.Place)
	if p.Depth > 0 {
		x.wrapped++
		t.wraps[p.Capture] = true
	}
	var before, next *Passage
	if i > 0 {
		before = &way[i-1]
	}
	if i+1 < len(way) {
		next = &way[i+1]
	}
	switch p.Direction {
	case decode.DirIn:
		if before == nil || before.Direction != decode.DirIn || before.Place == p.Place {
			return
		}
		switch {
		case before.Depth > p.Depth:
			x.inner++
		case before.Depth == 0 && p.Depth == 0 && before.TTL == p.TTL && t.leadsToPod(before):
			x.between++
			t.at(before.Place).port++
		}
	case decode.DirOut:
		if next == nil || next.Direction != decode.DirOut || next.Place == p.Place {
			return
		}
		switch {
		case next.Depth > p.Depth:
			x.inner++
		case before != nil && before.Direction == decode.DirOut && before.TTL == p.TTL && before.Depth == p.Depth:
			// A switch that does not know the receiver sends the packet out by all ports, one after the other.
		case next.Depth == 0 && p.Depth == 0 && next.TTL == p.TTL && t.at(next.Place).wrapped == 0:
			x.between++
			t.at(next.Place).port++
		}
	}
}

// leadsToPod reports whether, as far as is known, one address lives behind the interface.
func (t *Interfaces) leadsToPod(p *Passage) bool {
	x := t.at(p.Place)
	return x.doors > 0 && !x.many && x.wrapped == 0
}

// Places returns the interfaces of which there is evidence, in order.
func (t *Interfaces) Places() []Place {
	list := slices.Collect(maps.Keys(t.seen))
	slices.SortFunc(list, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Capture, b.Capture), cmp.Compare(a.Index, b.Index), cmp.Compare(a.Hardware, b.Hardware))
	})
	return list
}

// Role returns the role of an interface, "" where nothing tells it. roles says what addresses are.
func (t *Interfaces) Role(p Place, roles *Tracker) string {
	switch p.Hardware {
	case hardwareLoopback:
		return Loopback
	case hardwareTunnel, hardwareTunnel6, hardwareSIT, hardwareGRE, hardwareGRE6, hardwareNone:
		return Tunnel
	}
	x := t.seen[p]
	if x == nil || p.Mixed {
		return ""
	}
	end := x.doors + x.exits + x.port
	switch {
	case x.inner > x.between && x.inner >= x.arrived/2:
		return Tunnel
	case x.wrapped > 0:
		return Uplink
	case x.between > end/2 && x.between > x.own && (x.doors == 0 || x.many || x.between > x.doors):
		return Bridge
	}
	if a := x.pod(); !a.IsZero() && t.isPod(a, x, roles) {
		if x.vethOf != a {
			x.veth, x.vethOf = Veth+" "+a.Netip().String(), a
		}
		return x.veth
	}
	if x.port > 0 {
		return ""
	}
	if x.arrived > 0 && x.own == 0 && !x.many && x.from.Netip().IsPrivate() {
		// Another node's pods: by a tunnel, if the node has any, or by the uplink, if it has none. A capture that shows
		// neither tunnels nor any of the node's own packets leaves it open.
		switch pod := roles.NearPods(x.from); {
		case pod && t.wraps[p.Capture]:
			return Tunnel
		case pod || !t.wraps[p.Capture]:
			return ""
		}
	}
	if x.own > 0 || x.arrived > 0 || x.many {
		return Uplink
	}
	return ""
}

// pod returns the address that lives behind the interface, zero if it is none or several.
func (x *passed) pod() wire.Addr {
	switch {
	case x.many, x.arrived > x.doors:
		return wire.Addr{}
	case x.doors > 0 && x.foreign > x.doors+x.exits:
		return wire.Addr{} // more than a switch floods: others live there too
	case !x.peer4.IsZero():
		return x.peer4
	case !x.peer6.IsZero():
		return x.peer6
	case x.port > 0 && x.arrived == 0:
		return x.exit // nothing came back, but what a bridge sends by a port is for who lives there
	}
	return wire.Addr{}
}

// isPod reports whether a is taken for a pod's address, rather than a host's beside the node on its uplink.
func (t *Interfaces) isPod(a wire.Addr, x *passed, roles *Tracker) bool {
	switch r, _ := roles.Of(a); {
	case r == fact.RoleNode:
		return false
	case x.port > 0, r == fact.RolePod, roles.NearPods(a):
		return true
	}
	return !t.own[podNetwork(a)] && !roles.NearTunnels(a)
}
