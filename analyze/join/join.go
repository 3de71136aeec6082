package join

import (
	"encoding/binary"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/role"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Source is a capture as the joiner needs to know it.
type Source struct {
	// Label names the capture in connections' ids, Node is the label of the node it was taken on.
	Label, Node string
	// NodeIndex is the same for all captures of a node.
	NodeIndex uint16
	// Interface says what is known of an interface of the file; without a name where nothing is.
	Interface func(index uint32) role.Link
}

// Sinks takes what the joiner finds.
type Sinks struct {
	// Connection gets each connection when it ends. The value is the receiver's to keep.
	Connection func(*fact.Connection)
	// DNS gets the first sighting of each DNS message.
	DNS func(Message)
	// Refused gets each ICMP error that answers a DNS query over UDP.
	Refused func(Message)
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
	// Body is the message, perhaps cut short. It is valid during the call only.
	Body []byte
}

// endpoint is an address and a port.
type endpoint struct {
	addr wire.Addr
	port uint16
}

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
	conns   []conn
	free    connID
	lists   [classes]list
	budget  int
	// births finds a connection by its client's initial sequence number, tuples by a tuple of one of its legs.
	births map[uint32]connID
	tuples map[sight.Tuple]connID
	errors map[connID][]fact.ICMPError
	recent [recentSize]recently
	known  services
	quote  decode.Packet
	now    int64

	// Roles is what was seen of addresses.
	Roles      *role.Tracker
	interfaces *role.Interfaces

	// Tunnels is what was seen of the tunnels between nodes.
	Tunnels Tunnels
	// Connections counts the connections that ended, Evicted those given up for want of room.
	Connections, Evicted uint64
	// Retransmissions adds up those of the connections that ended.
	Retransmissions uint64
}

// DefaultBudget is the number of live connections that are kept; at some 3 KB each, with their legs and views.
const DefaultBudget = 200_000

// New returns a Joiner for packets of the given captures, whose encapsulations are interned in stacks.
func New(sources []Source, stacks *decode.Stacks, decoder *decode.Decoder, sinks Sinks) *Joiner {
	roles := role.New()
	return &Joiner{
		Roles: roles, interfaces: role.NewInterfaces(), sources: sources, sinks: sinks, stacks: stacks, decoder: decoder, table: sight.NewTable(),
		conns: make([]conn, 1), budget: DefaultBudget,
		births: map[uint32]connID{}, tuples: map[sight.Tuple]connID{}, errors: map[connID][]fact.ICMPError{},
		known: newServices(), Tunnels: newTunnels(stacks, roles),
	}
}

// Track enters a packet whose frame's bytes are data.
func (j *Joiner) Track(p *decode.Packet, data []byte, o sight.Origin) {
	j.now = max(j.now, p.Time)
	if p.Stack != 0 {
		j.Tunnels.see(p, o)
	}
	if p.Stack == 0 && p.Proto == wire.ProtoUDP && p.Has&(decode.HasMF|decode.HasPorts) == decode.HasMF|decode.HasPorts {
		j.Tunnels.opaque(p, data, o)
	}
	if p.Network == decode.NetARP {
		if b := wire.ARP(data[min(int(p.Inner), len(data)):]); b.IsIPv4() {
			j.Roles.Heard(b.Sender(), p.Time)
		}
		return
	}
	if p.Has&decode.HasQuote != 0 {
		j.icmp(p, data, o)
		return
	}
	if p.Has&decode.HasPorts == 0 || p.FragOffset != 0 {
		return
	}
	var proto fact.Proto
	switch p.Proto {
	case wire.ProtoTCP:
		proto = fact.TCP
	case wire.ProtoUDP:
		proto = fact.UDP
	case wire.ProtoICMP, wire.ProtoICMPv6:
		proto = fact.ICMP
	default:
		return
	}
	tuple, forward := sight.TupleOf(p)
	key := sight.Key{Tuple: tuple, Node: o.Node}
	if p.Stack != 0 {
		key.Tunnel = j.stacks.Get(p.Stack).Tunnel
	}
	leg := j.table.Find(key)
	if leg != 0 && proto == fact.TCP && p.Has&decode.HasTCP != 0 && p.Flags&(wire.SYN|wire.RST) == wire.SYN {
		if id := connID(j.table.Leg(leg).Owner); j.reborn(id, p) {
			leg = 0
		}
	}
	var id connID
	if leg != 0 {
		id = connID(j.table.Leg(leg).Owner)
	} else {
		var fromClient bool
		id, fromClient = j.birth(p, data, proto, key, forward, o)
		leg = j.table.Add(key)
		j.table.Leg(leg).Owner = uint32(id)
		j.attach(id, leg, fromClient == forward)
		j.order(id, p, fromClient)
		j.learn(id)
	}
	view, repeat := j.table.See(leg, p, o, forward)
	j.sighting(id, leg, view, repeat, p, data, forward, o)
}

// attach gives a new leg to its connection.
func (j *Joiner) attach(id connID, leg sight.LegID, clientIsA bool) {
	c := &j.conns[id]
	j.tuples[j.table.Leg(leg).Tuple] = id
	if int(c.nlegs) == len(c.legs) {
		c.overflow++
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
	c := &j.conns[id]
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
	if a, b := c.clientIsA&1, c.clientIsA>>last&1; a != b {
		c.clientIsA ^= 1 | 1<<last
	}
}

// learn enters what a new leg shows of Services, so that connections which end sooner know of it.
func (j *Joiner) learn(id connID) {
	c := &j.conns[id]
	if c.nlegs < 2 {
		return
	}
	if _, called, backend := j.ends(c); !backend.addr.IsZero() {
		j.known.learn(called, fact.Translated, j.Roles)
		j.Roles.Backend(backend.addr)
	}
}

// sighting enters what a view made of a packet into its connection's state.
func (j *Joiner) sighting(id connID, leg sight.LegID, view sight.ViewID, repeat sight.Repeat, p *decode.Packet, data []byte, forward bool, o sight.Origin) {
	c := &j.conns[id]
	n := c.legIndex(leg)
	c.frames++
	c.last = max(c.last, p.Time)
	key := packetKey(p, data)
	here := door{capture: o.Series, iface: p.Interface, known: p.Direction == decode.DirIn && !o.Mixed}
	if n < 0 { // beyond maxLegs: what needs so many goes in circles, and masquerading makes a leg of each turn
		for i := range c.ways {
			if q := c.ways[i].passed(key, p, here, repeat); q != nil && q.door.capture == o.Series && q.cameAround(p, repeat) {
				c.loops = max(c.loops, q.turns)
			}
		}
		return
	}
	dir := c.side(n, forward)
	w := &c.ways[dir]
	first := false
	switch q := w.passed(key, p, here, repeat); {
	case q != nil:
		if q.door.capture == o.Series && q.cameAround(p, repeat) {
			repeat = sight.Loop
			c.loops = max(c.loops, q.turns)
		}
		if view != 0 && repeat != sight.Again && repeat != sight.Loop {
			j.table.View(view).Delay(p.Time - q.time)
		}
	case repeat == sight.Again || repeat == sight.Loop || w.within(p, repeat):
	default:
		first = true
		w.recent[w.at] = passing{key: key, time: p.Time, door: here, ttl: p.TTL}
		w.at = (w.at + 1) % uint8(len(w.recent))
		if view != 0 {
			j.table.View(view).Delay(0)
		}
		j.remember(key, id, dir, p, here)
	}
	if c.watched {
		j.tell(p, key, dir, repeat, o)
	}
	j.witness(c, n, dir, p, o, repeat, first)
	k := datagram
	if c.proto == fact.TCP {
		k = j.segment(c, n, dir, view, p, data, o, repeat, first)
	} else {
		j.exchange(c, n, dir, p, data, o, first)
	}
	j.touch(id, k)
}

// within reports whether a segment that is new to its view was part of a longer packet in another one: what the sender's
// interface shows as one GSO packet leaves by the uplink in segments.
func (w *way) within(p *decode.Packet, repeat sight.Repeat) bool {
	return (repeat == sight.New || repeat == sight.Fill) && p.Has&decode.HasTCP != 0 && p.PayloadLen > 0 && w.hasTop &&
		!after(p.Seq+p.PayloadLen, w.top)
}

// turnTTL is how far a packet's TTL must have fallen since its last turn to say that it came around again: two where the view
// says so, whose leg did not change; more where masquerading gives each turn another leg, as a node takes one off, and
// nested ones a few.
const turnTTL, turnTTLElsewhere = 2, 5

// cameAround reports whether a further sighting of a packet is another turn of a circle, and counts it.
func (q *passing) cameAround(p *decode.Packet, repeat sight.Repeat) bool {
	fallen := uint8(turnTTLElsewhere)
	if repeat == sight.Loop {
		fallen = turnTTL
	}
	if p.TTL > q.ttl-min(q.ttl, fallen) {
		return false
	}
	q.ttl = p.TTL
	q.turns += min(1, 255-q.turns)
	return true
}

// passed returns the one of the latest packets of which this is a further sighting, or nil.
func (w *way) passed(key uint32, p *decode.Packet, here door, repeat sight.Repeat) *passing {
	// What is new in its view is new altogether, unless another view showed it a moment ago.
	again := repeat == sight.Resend || repeat == sight.Ambiguous || repeat == sight.Probe
	for i := range w.recent {
		q := &w.recent[i]
		if q.key != key || q.time == 0 {
			continue
		}
		if again && p.Time-q.time < 50e6 && q.door != here || !again && p.Time-q.time < 5e9 && !(here.known && q.door == here && p.IPID == 0) {
			return q
		}
	}
	return nil
}

// packetKey identifies a packet over all its sightings: by what NAT, routing and tunnels leave alone.
func packetKey(p *decode.Packet, data []byte) uint32 {
	h := uint64(p.Proto)
	if p.Has&decode.HasTCP != 0 {
		h = mix(h, uint64(p.Seq)<<32|uint64(p.Ack))
		h = mix(h, uint64(p.TSVal)<<32|uint64(p.TSEcr))
		h = mix(h, uint64(p.Flags))
	} else {
		h = mix(h, uint64(p.PayloadLen)<<32|uint64(p.IPID)<<16|uint64(p.ICMPWord&0xffff))
		h = mix(h, opening16(p, data))
	}
	return uint32(h>>32) | 1
}

// opening16 is a hash of the first 16 bytes of payload.
func opening16(p *decode.Packet, data []byte) uint64 {
	b := payload(p, data)
	if len(b) > 16 {
		b = b[:16]
	}
	h := uint64(len(b))
	for len(b) >= 8 {
		h = mix(h, binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	for _, x := range b {
		h = mix(h, uint64(x))
	}
	return h
}

// payload returns the captured part of the innermost transport payload.
func payload(p *decode.Packet, data []byte) []byte {
	from, to := int(p.Payload), int(p.Payload)+int(p.PayloadCap)
	if from > len(data) || to > len(data) {
		return nil
	}
	return data[from:to]
}

// mix folds v into h (the finisher of MurmurHash3's 64-bit form).
func mix(h, v uint64) uint64 {
	h ^= v
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>29
}

// Node returns the index of the node that capture i was taken on.
func (j *Joiner) Node(i int) uint16 { return j.sources[i].NodeIndex }

// DNSServer enters that an address answers DNS queries.
func (j *Joiner) DNSServer(a netip.Addr) { j.Roles.DNS(wire.AddrFrom(a)) }

// NamedService enters that DNS gave an address for a Service's name.
func (j *Joiner) NamedService(a netip.Addr) { j.known.name(wire.AddrFrom(a)) }

// Addresses returns the addresses seen, with their roles.
func (j *Joiner) Addresses() []fact.Address { return j.Roles.Addresses(j.label) }

// Flush ends all connections, as the input did, in the order in which they began.
func (j *Joiner) Flush() {
	var live []connID
	for k := range j.lists {
		for id := j.lists[k].oldest; id != 0; id = j.conns[id].newer {
			live = append(live, id)
		}
	}
	j.inOrder(live)
	for _, id := range live {
		if c := &j.conns[id]; c.reset.inHandshake || len(j.errors[id]) > 0 {
			j.fact(id) // what the node refused is a Service's, for the others too
		}
	}
	for _, id := range live {
		j.passed(&j.conns[id])
	}
	for _, id := range live {
		j.end(id)
	}
}
