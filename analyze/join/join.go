package join

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/prefetch"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/analyze/slab"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Source is a capture as the joiner needs to know it.
type Source = life.Capture

// Message is a DNS message at its first sighting.
type Message = life.Message

// Sinks are the callbacks that take what the joiner finds.
type Sinks struct {
	// Connection gets each connection when it ends. It is valid during the call only.
	Connection func(*life.Ended)
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

// Joiner joins sightings to connections.
type Joiner struct {
	sources []Source
	sinks   Sinks
	stacks  *decode.Stacks
	decoder *decode.Decoder
	table   *sight.Table
	conns   slab.Slab[conn]
	lives   *life.Lives
	outages fact.Outages
	lists   [life.Stages]list
	// budget is the memory that live connections may take, in bytes.
	budget int
	// births finds a connection by its client's initial sequence number, tags an SCTP association by its client's tag.
	births, tags map[uint32]life.ID
	// sockets remember when the clients' sockets of connections that ended were last used.
	sockets sockets
	// taken remembers the timestamps of the connections that servers took.
	taken timestamps
	// reused has what they remember of the clients' sockets of live connections.
	reused map[life.ID]int64
	// further has the legs beyond life.MaxLegs of the few connections that have such.
	further map[life.ID][]sight.LegID
	recent  *[recentSize]recently
	// nameServers holds endpoints that were asked for names, on ports other than 53.
	nameServers map[life.Endpoint]bool
	// servers holds endpoints that accepted connections. They tell the server of a connection whose beginning was not seen.
	servers map[life.Endpoint]bool
	quote   decode.Packet
	now     int64
	// last is the connection that ended last.
	last life.Ended
	// lines are what Ahead asks for.
	lines prefetch.Lines

	// Marked says that the latest packet may become evidence.
	Marked bool
	// Tunnels is what was seen of the tunnels between nodes.
	Tunnels Tunnels
	// Neighbours is who asked for whose link-layer address.
	Neighbours Neighbours
	// Connections counts the connections that ended, Evicted those given up for want of room.
	Connections, Evicted uint64
}

// New returns a Joiner for packets of the given captures, whose encapsulations are interned in stacks. Live connections may take
// budget bytes.
func New(sources []Source, stacks *decode.Stacks, decoder *decode.Decoder, sinks Sinks, budget int) *Joiner {
	table := sight.NewTable()
	return &Joiner{
		sources: sources, sinks: sinks, stacks: stacks, decoder: decoder, table: table, budget: budget, recent: new([recentSize]recently),
		lives:  life.New(sources, stacks, table, life.Sinks{DNS: sinks.DNS, Resent: sinks.Resent}),
		births: map[uint32]life.ID{}, tags: map[uint32]life.ID{}, reused: map[life.ID]int64{}, further: map[life.ID][]sight.LegID{},
		servers: map[life.Endpoint]bool{}, nameServers: map[life.Endpoint]bool{}, Tunnels: newTunnels(stacks, sinks.Tunnel), Neighbours: newNeighbours(sources),
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
			j.Neighbours.message(wire.Neighbour(life.Payload(p, data)), p, o)
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
	var s life.Sighting
	s.Packet, s.Data, s.Origin, s.Key = p, data, o, l.Key
	var leg sight.LegID
	var id life.ID
	var before int64
	if s.View = j.table.Seen(l); s.View != 0 {
		v := j.table.View(s.View)
		leg, id = v.Leg, life.ID(v.Owner)
	} else if leg = j.table.Find(l); leg != 0 {
		id = life.ID(j.table.Leg(leg).Owner)
	}
	if leg != 0 && proto == fact.TCP && p.Has&decode.HasTCP != 0 && p.Flags&(wire.SYN|wire.RST) == wire.SYN && j.reborn(id, p, o) ||
		leg != 0 && proto == fact.SCTP && j.reassociates(id, p, data, o) {
		before = j.conn(id).Last
		leg, s.View = 0, 0
	}
	if leg == 0 {
		key := sight.KeyOf(p, o.Node, j.stacks.Tunnel(p.Stack))
		var fromClient bool
		id, fromClient = j.birth(p, data, l, proto, key, o)
		if c := j.conn(id); len(c.Legs()) == 0 && proto == fact.TCP && !c.Midstream {
			j.uses(id, p, l, before)
		}
		if len(j.further[id]) == maxFurther { // of more legs the frames are only counted
			j.conn(id).Frames++
			return
		}
		s.Born = true
		leg = j.table.Add(key, uint32(id))
		j.attach(id, leg, fromClient == l.Forward)
		if fromClient {
			j.conn(id).Order(p)
		}
	}
	if s.View == 0 {
		s.View = j.table.AddView(leg, p, o, l)
	}
	if s.View != 0 {
		s.Repeat = j.table.See(s.View, p)
	}
	if p.Stack != 0 && p.Direction == decode.DirIn && (s.Born || life.IsSYN(p)) {
		if s.Checksum = l.Checksum; s.Checksum == decode.ChecksumUnknown {
			s.Checksum = decode.OuterChecksum(p, data)
		}
	}
	j.sighted(id, leg, l.Forward, &s)
	// Lookups and tunnels note frames of their own: messages over TCP, the first fragments of tunnel packets.
	j.Marked = s.Marked || proto != fact.TCP || p.SrcPort == dnsPort || p.DstPort == dnsPort || p.Has&decode.HasOuterFragment != 0
}

// neighbourly reports whether an ICMPv6 message asks for a neighbour or says where one is.
func neighbourly(kind uint8) bool {
	return kind == wire.ICMPv6NeighbourSolicitation || kind == wire.ICMPv6NeighbourAdvertisement
}

// laterFragment enters a fragment without ports: it is a part of a datagram, or of a tunnel packet.
func (j *Joiner) laterFragment(p *decode.Packet, o *sight.Origin) {
	if p.Stack == 0 {
		j.Tunnels.rest(p)
	}
	if p.Proto == wire.ProtoUDP {
		j.lives.Rest(p, o)
	}
}

// heard hands on that an address showed life. One of a single link is no node's and no pod's only one.
func (j *Joiner) heard(a wire.Addr, time int64) {
	if x := a.Netip(); j.sinks.Heard != nil && (x.Is4() || x.IsValid() && !x.IsLinkLocalUnicast()) {
		j.sinks.Heard(x, time)
	}
}

// sighted enters a sighting into the life of its connection, and sees what it tells of others.
func (j *Joiner) sighted(id life.ID, leg sight.LegID, forward bool, s *life.Sighting) {
	c, p := j.conn(id), s.Packet
	s.On(&c.State, leg, forward)
	if s.Born && s.Leg >= 0 && c.Proto != fact.ICMP {
		if c.DNS = c.DNS || j.isDNS(c, s); c.DNS {
			j.nameServer(s)
		}
	}
	established := c.Established
	stage := j.lives.See(id, &c.State, s)
	if s.First {
		j.remember(s.Key, id, s.Dir, p, s.Ingress())
	}
	if j.sinks.Watch.Sighting != nil && c.watched != 0 { // in this order: nothing else of a packet needs the line that watched is in
		j.tell(c, s)
	}
	if s.Leg < 0 {
		return
	}
	if c.Established && !established && !c.Midstream && len(j.servers) < maxServers {
		_, called, _ := j.lives.Ends(&c.State)
		j.servers[called] = true
	}
	if life.IsSYN(p) && p.Has&decode.HasTimestamps != 0 && p.Flags&wire.RST == 0 && (s.First || s.Born) && s.Repeat != sight.Loop {
		j.stamped(c, p)
	}
	j.touch(id, c, stage)
}

// attach gives a new leg to its connection.
func (j *Joiner) attach(id life.ID, leg sight.LegID, clientIsA bool) {
	if !j.conn(id).Attach(leg, clientIsA) {
		j.further[id] = append(j.further[id], leg)
	}
}

// Release forgets all connections, as they are, and gives their memory back.
func (j *Joiner) Release() {
	j.conns.Release()
	j.table.Release()
	j.lives.Release()
	j.lists, *j.recent = [life.Stages]list{}, [recentSize]recently{}
	clear(j.births)
	clear(j.tags)
	clear(j.reused)
	clear(j.further)
}

// conn returns the connection with an id.
func (j *Joiner) conn(id life.ID) *conn { return j.conns.At(uint32(id)) }

// Leader returns the maker of leads for packets of origin o.
func (j *Joiner) Leader(o sight.Origin) *sight.Leader { return j.table.Leader(o, j.stacks) }

// Node returns the index of the node that capture i was taken on.
func (j *Joiner) Node(i int) uint16 { return j.sources[i].NodeIndex }

// Flush hands all connections on, as the input has ended, in the order in which they began, and forgets them.
func (j *Joiner) Flush() {
	live := j.live()
	for i, id := range live {
		var next ends
		copy(next[:], live[i+1:])
		j.aheadEnds(&next)
		j.conclude(id)
	}
	j.Release()
}

// live returns the connections that have not ended, in the order in which they began.
func (j *Joiner) live() []life.ID {
	var list []life.ID
	for k := range j.lists {
		for id := j.lists[k].oldest; id != 0; id = j.conn(id).newer {
			list = append(list, id)
		}
	}
	j.inOrder(list)
	return list
}
