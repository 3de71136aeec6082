package cluster

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/kube"
	"github.com/netsift/netsift/decode"
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

// place is an interface of a capture.
type place struct {
	index    uint32
	capture  uint16
	hardware uint16 // ARPHRD type, 0 where the capture has none
	// mixed says that the capture does not tell its interfaces apart: only hardware can say something then.
	mixed bool
}

// compare orders places.
func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.capture, q.capture), cmp.Compare(p.index, q.index), cmp.Compare(p.hardware, q.hardware))
}

func placeOf(v *fact.View) place {
	p := place{capture: v.Capture, index: v.Interface, hardware: v.Hardware, mixed: v.Mixed}
	if p.mixed {
		p.index = 0
	}
	return p
}

// interfaces collects the passages of interfaces. Their roles follow from these: SLL2 captures carry no names.
type interfaces struct {
	seen table[place, passed]
	// wraps holds the captures that show encapsulated packets.
	wraps map[uint16]bool
	// singles counts, by network, the interfaces that lead to a single address of it, as they were at turns of seen. touched are those that may
	// lead elsewhere by now.
	singles map[netip.Prefix]leads
	turns   int
	touched []*passed
}

// passed counts passages of an interface as votes: one connection may be misread where timestamps of several processors
// contradict its path, many are not. Votes that depend on the role of the interface beside it are counted by that interface, and
// weighed when the role is asked for.
type passed struct {
	// wrapped: encapsulated packets. inner: packets without an encapsulation that they had, or got, on the interface
	// next to this one.
	wrapped, inner uint32
	// entered: packets that began their way on the node by coming in here, the TTL untouched. arrived: likewise, but a
	// router had seen them. own: packets of the node itself, which left here and nowhere else.
	entered, arrived, own uint32
	from                  netip.Addr // the lowest address that any of the arrived came from
	// peer4 and peer6 are the only addresses that packets that entered came from; many says that there are several.
	peer4, peer6 netip.Addr
	many         bool
	// routed4 and routed6 are the only addresses that packets were for which left the node right here once they had been routed, and crossed no bridge.
	// strays says that there are several.
	routed4, routed6 netip.Addr
	strays           bool
	// exits counts packets that ended their way on the node by going out here, by destination; left counts all of them.
	exits map[netip.Addr]uint32
	left  uint32
	// masqueraded counts those among them that left the pods' networks.
	masqueraded uint32
	// cameBy counts packets that came in here right after another interface, the TTL untouched; goneBy those that went out by another
	// one right after this. into and outOf count the same at the other end.
	cameBy, goneBy []beside
	into, outOf    uint32
	// counted is where it led when it was looked at last, changed says that it is one of interfaces.touched.
	counted lead
	changed bool
}

// lead is the only address that an interface leads to, zero without one, whether it is the port of a bridge, and whether packets came in by it that a
// router had seen.
type lead struct {
	addr          netip.Addr
	port, arrived bool
}

// leads counts interfaces that lead to a single address, and those among them that are a pod's: ports of a bridge, or, where pods are routed right by their
// veths, interfaces beside one by which packets come from further away.
type leads struct{ all, pods int }

// beside is how many packets passed another interface right before or after this one.
type beside struct {
	place   place
	packets uint32
}

// note counts n packets that passed another interface right before or after this one.
func note(list *[]beside, p place, n uint32) {
	for i := range *list {
		if (*list)[i].place == p {
			(*list)[i].packets += n
			return
		}
	}
	if len(*list) < maxBeside {
		*list = append(*list, beside{p, n})
	}
}

// maxBeside bounds the neighbours and the destinations that are counted of one interface.
const maxBeside = 1 << 8

func newInterfaces(room int) *interfaces {
	return &interfaces{seen: newTable[place, passed](room), wraps: map[uint16]bool{}}
}

// above returns interfaces that have t's counts and go on counting on their own.
func (t *interfaces) above() *interfaces {
	t.count()
	return &interfaces{seen: t.seen.above(), wraps: maps.Clone(t.wraps), singles: t.singles, turns: t.turns}
}

// at returns the counts of an interface, to be changed.
func (t *interfaces) at(p place) *passed {
	x := t.seen.young[p]
	if x == nil {
		own := t.seen.get(p)
		if t.seen.below != nil {
			own.exits, own.cameBy, own.goneBy = maps.Clone(own.exits), slices.Clone(own.cameBy), slices.Clone(own.goneBy)
		}
		own.changed = false
		x = &own
		t.seen.enter(p, x)
	}
	if !x.changed {
		x.changed = true
		t.touched = append(t.touched, x)
	}
	return x
}

// enter enters the ways that the packets of n connections took, each through one node in one direction and in the order
// of the path.
func (k *Cluster) enter(ways [][]passage, n uint32) {
	for _, way := range ways {
		for i := range way {
			way[i].counts = k.interfaces.at(way[i].place)
		}
		if len(way) > 0 {
			k.ends(way, n)
		}
	}
	for _, way := range ways {
		for i := range way {
			k.interfaces.step(way, i, n)
		}
	}
}

// ends enters where a way begins and where it leaves the node.
func (k *Cluster) ends(way []passage, n uint32) {
	first, last := &way[0], &way[len(way)-1]
	if x := first.counts; first.dir == decode.DirIn && first.depth == 0 {
		if fact.Untouched(first.ttl) {
			x.cameFrom(first.src, n)
		} else {
			x.arrived += n
			if !x.from.IsValid() || first.src.Less(x.from) {
				x.from = first.src
			}
		}
	}
	if last.dir != decode.DirOut || last.depth != 0 {
		return
	}
	x := last.counts
	if first == last && fact.Untouched(last.ttl) {
		x.own += n
		k.owns(last.src, k.machineOf(int(last.place.capture)))
	}
	x.left += n
	if len(way) == 1 || way[len(way)-2].ttl > last.ttl {
		x.routedTo(last.dst)
	}
	if last.masqueraded {
		x.masqueraded += n
	}
	if x.exits == nil {
		x.exits = map[netip.Addr]uint32{}
	}
	if before, ok := x.exits[last.dst]; ok || len(x.exits) < maxBeside {
		x.exits[last.dst] = before + n
	}
}

// cameFrom enters n packets that came in from src.
func (x *passed) cameFrom(src netip.Addr, n uint32) {
	x.entered += n
	if src.IsLinkLocalUnicast() {
		return // a pod has such an address of IPv6 beside its own (RFC 4291, section 2.5.6)
	}
	peer := &x.peer6
	if src.Is4() {
		peer = &x.peer4
	}
	x.many = x.many || peer.IsValid() && *peer != src
	*peer = src
}

// routedTo enters a packet that a router sent out for dst.
func (x *passed) routedTo(dst netip.Addr) {
	if dst.IsLinkLocalUnicast() || dst.IsMulticast() {
		return
	}
	only := &x.routed6
	if dst.Is4() {
		only = &x.routed4
	}
	x.strays = x.strays || only.IsValid() && *only != dst
	*only = dst
}

// leadsOn reports whether a router sends packets out here that are for others than the only address that packets come from: as a node
// with one uplink does, and never to a pod.
func (x *passed) leadsOn() bool {
	other := func(to, from netip.Addr) bool { return to.IsValid() && from.IsValid() && to != from }
	return x.port() == 0 && (x.strays || other(x.routed4, x.peer4) || other(x.routed6, x.peer6))
}

// step enters the evidence that a passage and its neighbours on the way give of each other.
func (t *interfaces) step(way []passage, i int, n uint32) {
	p := &way[i]
	x := p.counts
	if p.depth > 0 {
		if x.wrapped == 0 {
			t.wraps[p.place.capture] = true
		}
		x.wrapped += n
	}
	var before, next *passage
	if i > 0 {
		before = &way[i-1]
	}
	if i+1 < len(way) {
		next = &way[i+1]
	}
	switch p.dir {
	case decode.DirIn:
		if before == nil || before.dir != decode.DirIn || before.place == p.place {
			return
		}
		switch {
		case before.depth > p.depth:
			x.inner += n
		case before.depth == 0 && p.depth == 0 && before.ttl == p.ttl:
			note(&x.cameBy, before.place, n)
			before.counts.into += n
		}
	case decode.DirOut:
		if next == nil || next.dir != decode.DirOut || next.place == p.place {
			return
		}
		switch {
		case next.depth > p.depth:
			x.inner += n
		case before != nil && before.dir == decode.DirOut && before.ttl == p.ttl && before.depth == p.depth:
			// A switch that does not know the receiver sends the packet out by all ports, one after the other.
		case next.depth == 0 && p.depth == 0 && next.ttl == p.ttl:
			note(&x.goneBy, next.place, n)
			next.counts.outOf += n
		}
	}
}

// leadsToPod reports whether one address lives behind the interface.
func (x *passed) leadsToPod() bool { return x.entered > 0 && !x.many && x.wrapped == 0 }

// between returns the number of packets on their way between two other interfaces, the TTL untouched, as they cross a bridge.
func (t *interfaces) between(x *passed) (n uint32) {
	for _, b := range x.cameBy {
		if y := t.seen.find(b.place); y != nil && y.leadsToPod() {
			n += b.packets
		}
	}
	for _, b := range x.goneBy {
		if y := t.seen.find(b.place); y != nil && y.wrapped == 0 {
			n += b.packets
		}
	}
	return n
}

// port returns the number of packets that came here from a bridge, by which only a bridge's port can leave, or went on to one.
func (x *passed) port() (n uint32) {
	if x.leadsToPod() {
		n += x.into
	}
	if x.wrapped == 0 {
		n += x.outOf
	}
	return n
}

// home returns how many of the packets that went out here were for the address behind the interface, and how many for others.
func (x *passed) home() (own, foreign uint32) {
	own = x.exits[x.peer4] + x.exits[x.peer6]
	return own, x.left - own
}

// only returns the only destination of the packets that went out here; zero where there are several of one family.
func (x *passed) only() (a netip.Addr) {
	for b := range x.exits {
		switch {
		case !a.IsValid(), b.Is4() && !a.Is4():
			a = b
		case b.Is4() == a.Is4():
			return netip.Addr{}
		}
	}
	return a
}

// places returns the interfaces of which there is evidence, in order.
func (t *interfaces) places() []place {
	var list []place
	for p := range t.seen.all() {
		list = append(list, p)
	}
	slices.SortFunc(list, place.compare)
	return list
}

// interfaceRole returns the role of an interface by its passages.
func (k *Cluster) interfaceRole(p place) fact.InterfaceRole {
	switch p.hardware {
	case hardwareLoopback:
		return fact.InterfaceRole{Kind: fact.Loopback}
	case hardwareTunnel, hardwareTunnel6, hardwareSIT, hardwareGRE, hardwareGRE6, hardwareNone:
		return fact.InterfaceRole{Kind: fact.TunnelDevice}
	}
	x := k.interfaces.seen.find(p)
	if x == nil || p.mixed {
		return fact.InterfaceRole{}
	}
	own, _ := x.home()
	between, port := k.interfaces.between(x), x.port()
	switch {
	case x.inner > between && x.inner >= x.arrived/2:
		return fact.InterfaceRole{Kind: fact.TunnelDevice}
	case x.wrapped > 0:
		return fact.InterfaceRole{Kind: fact.Uplink}
	case between > (x.entered+own+port)/2 && between > x.own && (x.entered == 0 || x.many || between > x.entered):
		return fact.InterfaceRole{Kind: fact.Bridge}
	}
	if k.isHost(k.machineOf(int(p.capture))) { // a pod's own interface: its veth is the other end
		return fact.InterfaceRole{Kind: fact.Uplink}
	}
	if a := x.pod(); a.IsValid() && k.isPod(a, x) {
		return fact.InterfaceRole{Kind: fact.Veth, Pod: a}
	}
	if port > 0 {
		return fact.InterfaceRole{}
	}
	if x.arrived > 0 && x.own == 0 && !x.many && x.from.IsPrivate() {
		// Another node's pods: by a tunnel, if the node has any, or by the uplink, if it has none. A capture that shows
		// neither tunnels nor any of the node's own packets leaves it open.
		switch pod := k.nearPods(x.from); {
		case pod && k.interfaces.wraps[p.capture]:
			return fact.InterfaceRole{Kind: fact.TunnelDevice}
		case pod || !k.interfaces.wraps[p.capture]:
			return fact.InterfaceRole{}
		}
	}
	if x.own > 0 || x.arrived > 0 || x.many || x.masqueraded > 0 {
		return fact.InterfaceRole{Kind: fact.Uplink}
	}
	return fact.InterfaceRole{}
}

// pod returns the address that lives behind the interface, the zero Addr if it is none or several.
func (x *passed) pod() netip.Addr {
	own, foreign := x.home()
	switch {
	case x.many, x.arrived > x.entered, x.masqueraded > 0 && x.port() == 0, x.leadsOn():
		return netip.Addr{}
	case x.entered > 0 && foreign > x.entered+own:
		return netip.Addr{} // more than a switch floods: others live there too
	case x.peer4.IsValid():
		return x.peer4
	case x.peer6.IsValid():
		return x.peer6
	case x.port() > 0 && x.arrived == 0:
		return x.only() // nothing came back, but a bridge sends by a port what is for the address behind it
	}
	return netip.Addr{}
}

// single returns the address that alone lives behind an interface through which nothing else passes, not even packets of the node's
// own; the zero Addr without one.
func (x *passed) single() netip.Addr {
	if x.entered == 0 || x.arrived > 0 || x.own > 0 || x.wrapped > 0 || x.inner > 0 {
		return netip.Addr{}
	}
	return x.pod()
}

// leadInto returns how many interfaces lead to a single address of a pods' network.
func (t *interfaces) leadInto(p netip.Prefix) leads {
	t.count()
	return t.singles[p]
}

// count brings singles up to date.
func (t *interfaces) count() {
	stale := t.singles == nil || t.turns != t.seen.turns
	for _, x := range t.touched {
		x.changed = false
		if l := x.leads(); l != x.counted {
			x.counted, stale = l, true
		}
	}
	t.touched = t.touched[:0]
	if !stale {
		return
	}
	t.singles, t.turns = map[netip.Prefix]leads{}, t.seen.turns
	uplinks := map[uint16]bool{}
	for p, x := range t.seen.all() {
		uplinks[p.capture] = uplinks[p.capture] || x.arrived > 0
	}
	for at, x := range t.seen.all() {
		if l := x.leads(); l.addr.IsValid() {
			p := kube.PodNetwork(l.addr)
			n := t.singles[p]
			n.all++
			if l.port || uplinks[at.capture] {
				n.pods++
			}
			t.singles[p] = n
		}
	}
}

// leads returns where an interface leads through which nothing else passes.
func (x *passed) leads() lead { return lead{x.single(), x.port() > 0, x.arrived > 0} }

// isPod reports whether a is taken for a pod's address, rather than a host's beside the node on its uplink.
func (k *Cluster) isPod(a netip.Addr, x *passed) bool {
	switch r := k.host(a); {
	case r == fact.RoleNode:
		return false
	case x.port() > 0, r == fact.RolePod, k.nearPods(a):
		return true
	}
	return !k.nearTunnels(a) && (!k.nearNodes(a) || x.single() == a)
}

// face returns the name and the role of an interface.
func (k *Cluster) face(p place, index uint32) (string, fact.InterfaceRole) {
	at := viewed{p, index}
	f, ok := k.faces[at]
	if !ok {
		link := k.sources[p.capture].Link(index)
		f = face{link.Name, link.role(k.interfaceRole(p))}
		k.faces[at] = f
	}
	return f.name, f.role
}

// viewed is an interface as a view has it: where interfaces can't be told apart, the file may have an index all the same.
type viewed struct {
	place
	index uint32
}

// face is the name and the role of an interface.
type face struct {
	name string
	role fact.InterfaceRole
}

// Interfaces returns the interfaces that packets of connections passed.
func (k *Cluster) Interfaces() []fact.Interface {
	var list []fact.Interface
	for _, p := range k.interfaces.places() {
		name, role := k.face(p, p.index)
		list = append(list, fact.Interface{
			Capture: int(p.capture), Index: p.index, Hardware: p.hardware, Name: name, Role: role,
			MTU: k.sources[p.capture].Link(p.index).MTU,
		})
	}
	return list
}
