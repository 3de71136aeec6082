package join

import (
	"sort"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// recentSize is the number of slots for packets that passed lately; a power of two.
const recentSize = 1 << 13

// recently is a packet that passed lately, by its key. It fills a cache line.
type recently struct {
	key              uint32
	conn             life.ID
	time             int64
	src, dst         wire.Addr
	srcPort, dstPort uint16
	ipid             uint16 // of IPv4
	ttl              uint8
	dir              fact.Direction
	ingress          life.Ingress
}

func (j *Joiner) remember(key uint32, id life.ID, dir fact.Direction, p *decode.Packet, here life.Ingress) {
	// Field by field: a literal would be made elsewhere and copied, for each packet.
	r := j.recently(key)
	r.key, r.conn, r.dir, r.ipid, r.ttl, r.time, r.ingress = key, id, dir, uint16(p.IPID), p.TTL, p.Time, here
	r.src, r.dst, r.srcPort, r.dstPort = p.Src, p.Dst, p.SrcPort, p.DstPort
}

// recently returns the place for a packet that has a key; another one's may be there.
func (j *Joiner) recently(key uint32) *recently { return &j.recent[key>>1%recentSize] }

// birth returns the connection that a leg seen for the first time belongs to, or makes a new one. fromClient says that
// the packet comes from the side of the client.
func (j *Joiner) birth(p *decode.Packet, data []byte, l *sight.Lead, proto fact.Proto, key sight.Key, o *sight.Origin) (id life.ID, fromClient bool) {
	if proto == fact.TCP && p.Has&decode.HasTCP != 0 && p.Flags&wire.SYN != 0 {
		fromClient = p.Flags&wire.ACK == 0
		if id = j.byISN(p, o); id == 0 {
			if id = j.blind(p, key, l.Forward, fromClient); id == 0 {
				id = j.begin(p, proto, true, o)
			}
		}
		return id, fromClient
	}
	if proto == fact.SCTP {
		if g, ok := life.GreetingOf(p, data); ok {
			if id = j.byTag(g, p, o); id == 0 {
				id = j.begin(p, proto, true, o)
				j.greet(id, g)
			}
			return id, !g.Reply
		}
	}
	if id, fromClient = j.byPacket(p, l.Key, proto, o); id != 0 {
		return id, fromClient
	}
	if id, fromClient = j.byHandshake(p); id != 0 {
		return id, fromClient
	}
	if id, fromClient = j.byTuple(p, proto, key, l.Forward); id != 0 {
		return id, fromClient
	}
	return j.begin(p, proto, false, o), j.looksLikeClient(p, proto)
}

// latest returns the connection that the latest leg with a tuple is of, or 0.
func (j *Joiner) latest(t *sight.Tuple) life.ID {
	if leg := j.table.Latest(t); leg != 0 {
		return life.ID(j.table.Leg(leg).Owner)
	}
	return 0
}

// blind finds a connection of which only packets cut before their sequence numbers were seen so far, as a snaplen of 96
// leaves them in tunnels, and gives it the numbers of its SYN.
func (j *Joiner) blind(p *decode.Packet, key sight.Key, forward, fromClient bool) life.ID {
	id := j.latest(&key.Tuple)
	if id == 0 {
		return 0
	}
	c := j.conn(id)
	if c.Proto != fact.TCP || c.HasISN || c.Numbered() || p.Time-c.Start > 1e9 {
		return 0
	}
	for i, l := range c.Legs() {
		if j.table.Leg(l).Tuple == key.Tuple && (c.Side(i, forward) == fact.ToServer) != fromClient {
			c.TurnAround() // the ports had suggested otherwise
			break
		}
	}
	j.number(id, p)
	c.Midstream = false
	return id
}

// number gives a connection the client's initial sequence number of a SYN or SYN-ACK.
func (j *Joiner) number(id life.ID, p *decode.Packet) {
	c := j.conn(id)
	c.ISN = p.Seq
	if p.Flags&wire.ACK != 0 {
		c.ISN, c.SYN.TS = p.Ack-1, p.TSEcr
	}
	c.HasISN = true
	j.births[c.ISN] = id
}

// byISN finds the connection of a SYN or SYN-ACK by the client's initial sequence number.
func (j *Joiner) byISN(p *decode.Packet, o *sight.Origin) life.ID {
	isn, ts := p.Seq, p.TSVal
	reply := p.Flags&wire.ACK != 0
	if reply {
		isn, ts = p.Ack-1, p.TSEcr
	}
	id := j.births[isn]
	if id == 0 {
		return 0
	}
	c := j.conn(id)
	if !c.HasISN || c.ISN != isn {
		return 0
	}
	if p.Has&decode.HasTimestamps != 0 && c.SYN.TS != 0 && ts != 0 {
		// The very SYN, or one of its later transmissions, the last of which comes after some two minutes.
		d := int32(ts - c.SYN.TS)
		if d == 0 && !reply && p.IPID != 0 && c.SYN.ID != 0 && p.IPID != c.SYN.ID && p.Network == decode.NetIPv4 {
			return 0
		}
		if d > -200_000 && d < 200_000 {
			return id
		}
		return 0
	}
	return j.byBareISN(id, p, o)
}

// byPacket finds a connection of which another leg showed this very packet a moment ago.
func (j *Joiner) byPacket(p *decode.Packet, key uint32, proto fact.Proto, o *sight.Origin) (id life.ID, fromClient bool) {
	if proto == fact.TCP && p.Has&decode.HasTCP == 0 {
		return 0, false
	}
	r := j.recently(key)
	if r.key != key || r.conn == 0 || p.Time-r.time > 1e9 {
		return 0, false
	}
	c := j.conn(r.conn)
	// Another connection may have the number by now: one that ended to make room for it ended lateFIN after its last packet at the
	// soonest. Timestamps of several processors step back by less than the other half.
	if c.Proto != proto || c.Start-r.time > lateFIN/2 {
		return 0, false
	}
	sameFrom, sameTo := r.src == p.Src && r.srcPort == p.SrcPort, r.dst == p.Dst && r.dstPort == p.DstPort
	if proto == fact.TCP && p.Has&decode.HasTimestamps != 0 && p.TSEcr != 0 {
		return r.conn, r.dir == fact.ToServer // 128 bits that nothing on the way changes
	}
	// One client may send the same bytes to two servers at once, as musl's resolver does: both come in by one interface.
	here := life.IngressOf(p, o)
	if here.Known() && r.ingress == here {
		return 0, false
	}
	if p.Network == decode.NetIPv4 && r.ipid != uint16(p.IPID) {
		return 0, false
	}
	soon := p.Time-r.time < 2e6
	switch {
	case sameFrom && sameTo:
		return r.conn, r.dir == fact.ToServer
	case sameFrom || sameTo:
		if p.IPID != 0 || soon {
			return r.conn, r.dir == fact.ToServer
		}
	case p.IPID != 0 && soon && p.TTL < r.ttl:
		return r.conn, r.dir == fact.ToServer
	}
	return 0, false
}

// byHandshake finds the connection of a packet with the first numbers behind both ends' initial ones: the client's acknowledgement, its first data,
// or what answers these. Nobody else has both. A leg begins so where the capture lost its SYN, and the other legs'
// packets did not come before.
func (j *Joiner) byHandshake(p *decode.Packet) (id life.ID, fromClient bool) {
	if p.Has&decode.HasTCP == 0 || p.Flags&(wire.ACK|wire.RST) != wire.ACK {
		return 0, false
	}
	began := func(isn, irs uint32) life.ID {
		id := j.births[isn]
		if id == 0 {
			return 0
		}
		if c := j.conn(id); !c.HasISN || c.ISN != isn || !c.HasIRS || c.IRS != irs {
			return 0
		}
		return id
	}
	if id = began(p.Seq-1, p.Ack-1); id != 0 {
		return id, true
	}
	return began(p.Ack-1, p.Seq-1), false
}

// byTuple finds a connection that has a leg with the same tuple, on another node or in another encapsulation.
func (j *Joiner) byTuple(p *decode.Packet, proto fact.Proto, key sight.Key, forward bool) (id life.ID, fromClient bool) {
	id = j.latest(&key.Tuple)
	if id == 0 {
		return 0, false
	}
	c := j.conn(id)
	if c.Proto != proto || p.Time-c.Last > idle[c.Stage] {
		return 0, false
	}
	for i, l := range c.Legs() {
		if j.table.Leg(l).Tuple != key.Tuple {
			continue
		}
		dir := c.Side(i, forward)
		// The same tuple may be alive in two networks that know nothing of each other: the numbers must fit.
		const window = 1 << 22
		if top, seen := c.Top(dir); p.Has&decode.HasTCP != 0 && seen && p.Seq-top+window > 2*window {
			return 0, false
		}
		return id, dir == fact.ToServer
	}
	return 0, false
}

// reborn reports whether a SYN on a leg of connection id begins another connection: its port is used again.
func (j *Joiner) reborn(id life.ID, p *decode.Packet, o *sight.Origin) bool {
	c := j.conn(id)
	if p.Flags&wire.ACK != 0 {
		if c.hasNewISN && p.Ack-1 == c.newISN {
			return true
		}
		// The SYN was seen elsewhere only: before SNAT, which took a port that another connection had.
		other := life.ID(0)
		if c.HasISN && p.Ack-1 != c.ISN {
			other = j.byISN(p, o)
		}
		return other != 0 && other != id
	}
	switch {
	case c.HasISN && c.ISN == p.Seq:
		return false
	case c.HasISN && j.simultaneous(c, p):
		return false
	case c.Stage == life.Closing, !c.Established && (c.HasISN || c.Reset):
		return true
	}
	c.newISN, c.hasNewISN = p.Seq, true
	return false
}

// simultaneous reports whether a SYN comes from the other side than the connection's first: both open it at once
// (RFC 9293, section 3.5).
func (j *Joiner) simultaneous(c *conn, p *decode.Packet) bool {
	tuple, forward := sight.TupleOf(p)
	for i, l := range c.Legs() {
		if j.table.Leg(l).Tuple == tuple {
			return c.Side(i, forward) == fact.ToClient && !c.Established
		}
	}
	return false
}

// begin makes a new connection; syn says that its beginning is seen.
func (j *Joiner) begin(p *decode.Packet, proto fact.Proto, syn bool, o *sight.Origin) life.ID {
	j.thin()
	j.makeRoom()
	id := life.ID(j.conns.Add())
	c := j.conn(id)
	c.Begin(p, proto, syn, o)
	c.watched = j.sinks.Watch.begins(c)
	if syn && proto == fact.TCP {
		j.number(id, p)
	}
	switch {
	case !proto.Opens():
		j.link(id, life.Datagram)
	case syn:
		j.link(id, life.Opening)
	default:
		j.link(id, life.Open)
	}
	return id
}

// maxServers bounds the endpoints that are remembered as servers.
const maxServers = 1 << 16

// looksLikeClient guesses whether the first packet seen of a connection that began before the capture goes from client to server.
func (j *Joiner) looksLikeClient(p *decode.Packet, proto fact.Proto) bool {
	src, dst := life.Source(p), life.Destination(p)
	switch {
	case proto == fact.ICMP:
		return p.ICMPType == wire.ICMPEcho && p.Proto == wire.ProtoICMP || p.ICMPType == wire.ICMPv6Echo && p.Proto == wire.ProtoICMPv6
	case j.servers[dst] && !j.servers[src]:
		return true
	case j.servers[src] && !j.servers[dst]:
		return false
	}
	// Linux takes client ports from 32768 to 60999 (ip_local_port_range); servers listen below, NodePorts included.
	const ephemeral = 32768
	if (src.Port >= ephemeral) != (dst.Port >= ephemeral) {
		return src.Port >= ephemeral
	}
	if (src.Port < 1024) != (dst.Port < 1024) {
		return dst.Port < 1024
	}
	return true
}

// inOrder sorts connections by their beginning.
func (j *Joiner) inOrder(ids []life.ID) {
	sort.Slice(ids, func(a, b int) bool {
		x, y := j.conn(ids[a]), j.conn(ids[b])
		if x.Start != y.Start {
			return x.Start < y.Start
		}
		if x.Capture != y.Capture {
			return x.Capture < y.Capture
		}
		return x.Frame < y.Frame
	})
}
