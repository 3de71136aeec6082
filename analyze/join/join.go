package join

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/prefetch"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/analyze/slab"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Source is a capture as the joiner needs to know it.
type Source struct {
	// Label names the capture in connections' ids, Node is the label of the node it was taken on.
	Label, Node string
	// NodeIndex is the same for all captures of a node.
	NodeIndex uint16
}

// Sinks are the callbacks that take what the joiner finds.
type Sinks struct {
	// Connection gets each connection when it ends. The value and its slices are reused after the call: a callback that keeps it must
	// move it out and leave another value in its place.
	Connection func(*fact.Connection)
	// Heard gets the sender of each ARP packet, and of each message that asks for a neighbour by IPv6 or says where one is.
	Heard func(a netip.Addr, time int64)
	// Tunnel gets each tunnel when its first packet comes, and again when a TCP packet inside that is no RST has a larger TTL than those
	// before; ttl is the largest, 0 before the first.
	Tunnel func(src, dst netip.Addr, ttl uint8)
	// DNS gets the first sighting of each DNS message.
	DNS func(Message)
	// Refused gets each ICMP error that answers a DNS query over UDP, Declined each one by which a client refuses an answer: its body
	// is what the error quotes of the message.
	Refused, Declined func(Message)
	// Resent gets the time of each packet that was sent again, at its first sighting.
	Resent func(time int64)
	// Watch may name a connection to be followed packet by packet.
	Watch Watch
}

// Message is a DNS message at its first sighting.
type Message struct {
	Time int64
	Ref  fact.Ref
	// Client asked, Server was asked, as the client addressed it; Backend is where that was translated to, if known yet.
	Client, Server, Backend endpoint
	// Response says that the message went to the client; TCP that it came over TCP; Resend that the client sent the
	// same packet before.
	Response, TCP, Resend bool
	// Foreign says that the client was given the message as from an address that it had not asked.
	Foreign bool
	// Body is the message, perhaps cut short. It is valid during the call only.
	Body []byte
}

// endpoint is an address and a port.
type endpoint struct {
	addr wire.Addr
	port uint16
}

// Addr returns e's address, zero for no endpoint.
func (e endpoint) Addr() wire.Addr { return e.addr }

// Port returns e's port.
func (e endpoint) Port() uint16 { return e.port }

// AddrPort returns e as a netip.AddrPort; the zero one for no endpoint.
func (e endpoint) AddrPort() netip.AddrPort {
	if e.addr.IsZero() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(e.addr.Netip(), e.port)
}

// Joiner joins sightings to connections.
type Joiner struct {
	sources []Source
	sinks   Sinks
	stacks  *decode.Stacks
	decoder *decode.Decoder
	table   *sight.Table
	conns   slab.Slab[conn]
	lists   [classes]list
	// budget is the memory that live connections may take, in bytes.
	budget int
	// births finds a connection by its client's initial sequence number.
	births map[uint32]connID
	errors map[connID][]fact.ICMPError
	resets map[connID]*reset
	// holes are what selective acknowledgements say is missing, per direction, of connections that have had any.
	holes map[connID]*[2]hole
	// windows are the receive windows, per direction of their senders, of connections that have had one closed.
	windows map[connID]*[2]window
	// sockets remember when the clients' sockets of connections that ended were last used.
	sockets sockets
	// taken remembers the timestamps of the connections that servers took.
	taken timestamps
	// reused has what they remember of the clients' sockets of live connections.
	reused map[connID]int64
	// handshakes are the handshakes of connections of WireGuard.
	handshakes map[connID]*handshakes
	// fragments follows the datagrams that come in fragments.
	fragments fragments
	// notices are the notifications by which sessions of BGP end.
	notices map[connID]*fact.Notice
	// tags finds an SCTP association by its client's tag; unacked has the data of each direction that was sent again last.
	tags    map[uint32]connID
	unacked map[connID]*[2]sight.Stall
	// further has the legs beyond maxLegs of the few connections that have such.
	further map[connID][]sight.LegID
	recent  *[recentSize]recently
	// nameServers holds endpoints that were asked for names, on ports other than 53.
	nameServers map[endpoint]bool
	// servers holds endpoints that accepted connections. They tell the server of a connection whose beginning was not seen.
	servers map[endpoint]bool
	quote   decode.Packet
	now     int64
	// lines are what Ahead asks for.
	lines     prefetch.Lines
	wrappings map[wrapping][]fact.Encap
	// ended is the connection that ended last, legs are its paths. Both are memory for the next.
	ended fact.Connection
	legs  []path

	// Marked says that the latest packet may become evidence.
	Marked bool
	// Tunnels is what was seen of the tunnels between nodes.
	Tunnels Tunnels
	// Neighbours is who asked for whose link-layer address.
	Neighbours Neighbours
	// Connections counts the connections that ended, Evicted those given up for want of room.
	Connections, Evicted uint64
	// Retransmissions adds up those of the connections that ended.
	Retransmissions uint64
}

// New returns a Joiner for packets of the given captures, whose encapsulations are interned in stacks. Live connections may take
// budget bytes.
func New(sources []Source, stacks *decode.Stacks, decoder *decode.Decoder, sinks Sinks, budget int) *Joiner {
	return &Joiner{
		sources: sources, sinks: sinks, stacks: stacks, decoder: decoder, table: sight.NewTable(), budget: budget, recent: new([recentSize]recently),
		births: map[uint32]connID{}, errors: map[connID][]fact.ICMPError{}, resets: map[connID]*reset{}, holes: map[connID]*[2]hole{},
		windows: map[connID]*[2]window{}, reused: map[connID]int64{}, handshakes: map[connID]*handshakes{}, notices: map[connID]*fact.Notice{},
		tags: map[uint32]connID{}, unacked: map[connID]*[2]sight.Stall{}, further: map[connID][]sight.LegID{},
		wrappings: map[wrapping][]fact.Encap{},
		servers:   map[endpoint]bool{}, nameServers: map[endpoint]bool{}, Tunnels: newTunnels(stacks, sinks.Tunnel), Neighbours: newNeighbours(sources),
	}
}

// Track enters a packet whose lead, made by a Leader of j for the same origin, is l. Its frame's bytes lie in block; hardly any are looked at.
func (j *Joiner) Track(p *decode.Packet, block []byte, o *sight.Origin, l *sight.Lead) {
	data := block[l.Offset:][:p.Cap:p.Cap]
	j.now = max(j.now, p.Time)
	j.Marked = true
	if p.Stack != 0 {
		j.Tunnels.see(p, o)
	}
	if p.Stack == 0 && p.Proto == wire.ProtoUDP && p.Has&(decode.HasMF|decode.HasPorts) == decode.HasMF|decode.HasPorts {
		j.Tunnels.opaque(p, data, o)
	}
	if p.Network == decode.NetARP {
		if b := wire.ARP(data[min(int(p.Inner), len(data)):]); b.IsIPv4() {
			j.Neighbours.arp(b, p, o)
			j.heard(b.Sender(), p.Time)
		}
		return
	}
	if p.Has&decode.HasQuote != 0 {
		j.icmp(p, data, o)
		return
	}
	if p.Has&decode.HasPorts == 0 || p.FragOffset != 0 {
		if p.FragOffset != 0 {
			j.laterFragment(p, o)
		} else if p.Proto == wire.ProtoICMPv6 && p.Has&decode.HasICMP != 0 && neighbourly(p.ICMPType) {
			j.Neighbours.message(wire.Neighbour(payload(p, data)), p, o)
			j.heard(p.Src, p.Time)
		}
		return
	}
	var proto fact.Proto
	switch p.Proto {
	case wire.ProtoTCP:
		proto = fact.TCP
	case wire.ProtoUDP:
		proto = fact.UDP
	case wire.ProtoSCTP:
		proto = fact.SCTP
	case wire.ProtoICMP, wire.ProtoICMPv6:
		proto = fact.ICMP
	default:
		return
	}
	var s sighting
	s.p, s.data, s.origin, s.key = p, data, o, l.Key
	var leg sight.LegID
	var id connID
	var before int64
	if s.view = j.table.Seen(l); s.view != 0 {
		v := j.table.View(s.view)
		leg, id = v.Leg, connID(v.Owner)
	} else if leg = j.table.Find(l); leg != 0 {
		id = connID(j.table.Leg(leg).Owner)
	}
	if leg != 0 && proto == fact.TCP && p.Has&decode.HasTCP != 0 && p.Flags&(wire.SYN|wire.RST) == wire.SYN && j.reborn(id, p, o) ||
		leg != 0 && proto == fact.SCTP && j.reassociates(id, p, data, o) {
		before = j.conn(id).last
		leg, s.view = 0, 0
	}
	if leg == 0 {
		key := sight.KeyOf(p, o.Node, j.stacks.Tunnel(p.Stack))
		var fromClient bool
		id, fromClient = j.birth(p, data, l, proto, key, o)
		if c := j.conn(id); c.nlegs == 0 && proto == fact.TCP && !c.midstream {
			j.uses(id, p, l, before)
		}
		if len(j.further[id]) == maxFurther { // of more legs the frames are only counted
			j.conn(id).frames++
			return
		}
		s.born = true
		leg = j.table.Add(key, uint32(id))
		j.attach(id, leg, fromClient == l.Forward)
		j.order(id, p, fromClient)
	}
	if s.view == 0 {
		s.view = j.table.AddView(leg, p, o, l)
	}
	if s.view != 0 {
		s.repeat = j.table.See(s.view, p)
	}
	if p.Stack != 0 && p.Direction == decode.DirIn && (s.born || isSYN(p)) {
		s.checksum = decode.OuterChecksum(p, data)
	}
	j.sighted(id, leg, l.Forward, &s)
	if p.Has&decode.HasMF != 0 {
		j.fragment(id, &s)
	}
	// Lookups and tunnels note frames of their own: messages over TCP, the first fragments of tunnel packets.
	j.Marked = s.marked || proto != fact.TCP || p.SrcPort == dnsPort || p.DstPort == dnsPort || p.Has&decode.HasOuterFragment != 0
}

// neighbourly reports whether an ICMPv6 message asks for a neighbour or says where one is.
func neighbourly(kind uint8) bool {
	return kind == wire.ICMPv6NeighbourSolicitation || kind == wire.ICMPv6NeighbourAdvertisement
}

// heard hands on that an address showed life. One of a single link is no node's and no pod's only one.
func (j *Joiner) heard(a wire.Addr, time int64) {
	if x := a.Netip(); j.sinks.Heard != nil && (x.Is4() || x.IsValid() && !x.IsLinkLocalUnicast()) {
		j.sinks.Heard(x, time)
	}
}

// attach gives a new leg to its connection.
func (j *Joiner) attach(id connID, leg sight.LegID, clientIsA bool) {
	c := j.conn(id)
	if int(c.nlegs) == len(c.legs) {
		c.overflow++
		j.further[id] = append(j.further[id], leg)
		return
	}
	if clientIsA {
		c.clientIsA |= 1 << c.nlegs
	}
	c.legs[c.nlegs] = leg
	c.nlegs++
}

// order keeps the leg nearest to the client first: the one whose packets have the larger TTL. Time tells the same, except
// between nodes whose clocks are known less well than packets are fast.
func (j *Joiner) order(id connID, p *decode.Packet, fromClient bool) {
	c := j.conn(id)
	last := int(c.nlegs) - 1
	if !fromClient || last < 0 {
		return
	}
	if last == 0 {
		c.ttl = p.TTL
		return
	}
	if c.ttl == 0 || p.TTL <= c.ttl || c.overflow > 0 {
		return
	}
	c.ttl = p.TTL
	c.legs[0], c.legs[last] = c.legs[last], c.legs[0]
	switch int(c.stray) - 1 {
	case 0:
		c.stray = uint8(last) + 1
	case last:
		c.stray = 1
	}
	if a, b := c.clientIsA&1, c.clientIsA>>last&1; a != b {
		c.clientIsA ^= 1 | 1<<last
	}
	for i := range c.marks[:c.nmarks] {
		switch m := &c.marks[i]; m.leg() {
		case 0:
			m.onLeg(last)
		case last:
			m.onLeg(0)
		}
	}
}

// Release forgets all connections, as they are, and gives their memory back.
func (j *Joiner) Release() {
	j.conns.Release()
	j.table.Release()
	j.lists, *j.recent = [classes]list{}, [recentSize]recently{}
	clear(j.births)
	clear(j.errors)
	clear(j.resets)
	clear(j.holes)
	clear(j.windows)
	clear(j.reused)
	clear(j.handshakes)
	j.fragments = fragments{}
	clear(j.notices)
	clear(j.tags)
	clear(j.unacked)
	clear(j.further)
}

// conn returns the connection with an id.
func (j *Joiner) conn(id connID) *conn { return j.conns.At(uint32(id)) }

// Leader returns the maker of leads for packets of origin o.
func (j *Joiner) Leader(o sight.Origin) *sight.Leader { return j.table.Leader(o, j.stacks) }

// Node returns the index of the node that capture i was taken on.
func (j *Joiner) Node(i int) uint16 { return j.sources[i].NodeIndex }

// Flush hands all connections on, as the input has ended, in the order in which they began, and forgets them.
func (j *Joiner) Flush() {
	live := j.live()
	at := func(i int) connID {
		if i < len(live) {
			return live[i]
		}
		return 0
	}
	for i, id := range live {
		j.aheadEnd(at(i+1), at(i+2), at(i+3))
		j.conclude(id)
	}
	j.Release()
}

// live returns the connections that have not ended, in the order in which they began.
func (j *Joiner) live() []connID {
	var list []connID
	for k := range j.lists {
		for id := j.lists[k].oldest; id != 0; id = j.conn(id).newer {
			list = append(list, id)
		}
	}
	j.inOrder(list)
	return list
}
