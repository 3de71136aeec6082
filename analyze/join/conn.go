package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// connID addresses a connection in the joiner's slab; 0 is none.
type connID uint32

// maxLegs bounds the legs of a connection; a routing loop with masquerade makes one per turn. Of further ones only loops are
// told, of at most maxFurther: there are at most 255 turns, on a few interfaces.
const maxLegs, maxFurther = 16, 1 << 10

// maxMarks bounds the marked frames of a connection. One more would not fit into its cache lines.
const maxMarks = 15

// conn is the state of a connection, in cache lines. Every packet touches the first two, and the first two of its way.
type conn struct {
	// older and newer link the connections of a class in the order in which they were linked, at the time linked.
	older, newer connID
	proto        fact.Proto
	class        class
	nlegs        uint8
	// loops is how often one packet came around.
	loops uint8
	// clientIsA has a bit per leg: the client is the tuple's endpoint A.
	clientIsA uint16

	midstream, established, dns bool
	// reset says that a RST was seen, see Joiner.resets.
	reset bool
	// crossed: see fact.Connection.
	crossed bool
	// unheard and corrupt are fact.Connection.Unheard and Corrupt, saturated.
	unheard, corrupt uint8
	// traits has sentOlder, tookOlder and incomplete.
	traits uint8
	// watched is not 0 where its sightings are told, see Watch.
	watched uint16

	last, linked int64
	frames       uint64
	// legs in order of birth.
	legs [maxLegs]sight.LegID
	// ingress is the interface on which the client's own packets come in: its veth.
	ingress ingress
	// ttl is that of the packet that bore the first leg, if it came from the client.
	ttl uint8
	// stray is one more than the index of the leg of a reply that seemed to be untranslated, 0 for none; see Joiner.strayed.
	stray uint8
	// carries says that data was marked.
	carries bool
	// whole says that a TCP header was seen that the capture did not cut.
	whole bool
	// bgp says that it is a session of BGP, by its port.
	bgp bool

	ways [2]way

	hasISN, hasIRS, hasNewISN bool
	nmarks                    uint8
	// resumedBy is the direction of what ended the silence.
	resumedBy fact.Direction
	capture   uint16
	frame     uint64
	start     int64
	// isn is the client's initial sequence number, irs the server's (RFC 9293, section 3.3.1).
	isn, irs uint32
	// synTS and synID are the timestamp and IP id of the latest SYN, synTime and firstSYN when it and the first came.
	synTS, synID      uint32
	synTime, firstSYN int64
	handshake         int64
	// newISN is the number of a SYN that came while the connection was alive: port reuse, if a SYN-ACK confirms it.
	newISN   uint32
	overflow uint32
	marks    [maxMarks]mark
	// owed is when the first request was sent that was still unanswered when the latest translation began; 0 where none was.
	owed int64
	// quiet is how long the latest silence was that something new ended, in milliseconds, with closingBit set where that was a FIN; resumed
	// is when, since start. See fact.Idle.
	quiet, resumed uint32
}

// way is one direction of a connection, across all views.
type way struct {
	// keys are those of the latest packets, to know further sightings of them; 0 is none. inFlight has more of them. They
	// are written in turn, at being the place of the next one.
	keys [maxInFlight]uint32
	at   uint8

	seen, fin, hasTop, hasAck bool
	// shut says that its sender's receive window was closed by its last word, see Joiner.windows.
	shut bool
	// syns counts transmissions of the client's SYN, or of the server's SYN-ACK.
	syns uint8
	// top is the end of the highest sequence space seen, ack the highest acknowledgement that this direction carried.
	top, ack uint32
	packets  uint32
	last     int64

	// bigEnd and bigLen are the largest packet not acknowledged yet, maxAcked the largest one that was.
	bigEnd, bigLen, maxAcked uint32
	dsack                    uint32
	finEnd                   uint32
	mss                      uint16
	// waiting counts requests since the last answer (UDP, echo); waitingSince is the time of the first of them.
	waiting      uint32
	waitingSince int64
	first        int64
	// dnsTop is the end of the DNS-over-TCP stream that was read.
	dnsTop uint32
	// resets counts RSTs.
	resets uint32
	// fresh is when something new, and no retransmission, was last sent.
	fresh    int64
	inFlight [maxInFlight]inFlight
}

// maxInFlight is how many packets of a direction may be on their way through the views at once.
const maxInFlight = 8

// inFlight is a packet on its way through the views. It has the fields of its ingress interface, because a struct of its own would fill up with nothing.
type inFlight struct {
	time    int64
	iface   uint32
	capture uint16
	// ttl is that of its last turn.
	ttl uint8
	// turns is how often it came around, with a bit for knownIngress.
	turns uint8
}

// knownIngress is the bit of inFlight.turns that is set where the ingress interface is known. The others suffice: a packet has TTL for 127 turns.
const knownIngress = 1 << 7

func (f *inFlight) begin(p *decode.Packet, d ingress) {
	f.time, f.iface, f.capture, f.ttl, f.turns = p.Time, d.iface, d.capture, p.TTL, 0
	if d.known {
		f.turns = knownIngress
	}
}

// ingress returns the interface by which the packet came in at its first sighting.
func (f *inFlight) ingress() ingress { return ingress{f.iface, f.capture, f.turns&knownIngress != 0} }

// rounds returns how often the packet came around.
func (f *inFlight) rounds() uint8 { return f.turns &^ knownIngress }

// ingress is the interface by which a packet comes in to the node, in one capture.
type ingress struct {
	iface   uint32
	capture uint16
	known   bool
}

// reset is the first RST of a connection.
type reset struct {
	from                                    fact.Direction
	madeHere, bare, answersAck, inHandshake bool
	afterClose, stray                       bool
	stack                                   decode.StackID
	ttl, usualTTL                           uint8
	id                                      uint32
	src, dst                                wire.Addr
	srcPort, dstPort                        uint16
	time                                    int64
	capture                                 uint16
	frame                                   uint64
}

type mark struct {
	// where is the frame's number, and in its highest four bits the leg, as it was numbered then: no field fits in beside them.
	where   uint64
	time    int64
	ipLen   uint32
	capture uint16
	count   uint8 // saturated
	// what is the kind, with the direction in its highest bit: a field of its own would cost every live connection 128 bytes.
	what uint8
}

// legShift is where the leg's bits in mark.where begin. There are maxLegs at most.
const legShift = 60

// toClient is the bit of mark.what that is set where the frame travels to the client.
const toClient = 1 << 7

// newMark makes evidence of a packet.
func newMark(kind fact.MarkKind, dir fact.Direction, o *sight.Origin, p *decode.Packet) mark {
	m := mark{what: uint8(kind), capture: o.Capture, where: p.Frame, time: p.Time, ipLen: p.IPLen}
	if dir == fact.ToClient {
		m.what |= toClient
	}
	return m
}

func (m *mark) frame() uint64 { return m.where &^ (1<<64 - 1<<legShift) }

func (m *mark) leg() int { return int(m.where >> legShift) }

func (m *mark) onLeg(leg int) { m.where = m.frame() | uint64(leg)<<legShift }

func (m *mark) kind() fact.MarkKind { return fact.MarkKind(m.what &^ toClient) }

func (m *mark) flow() fact.Direction { return fact.Direction(m.what / toClient) }

// side returns the direction of a packet that went from A to B (forward) or back in the connection's leg n.
func (c *conn) side(n int, forward bool) fact.Direction {
	if (c.clientIsA>>n&1 == 1) == forward {
		return fact.ToServer
	}
	return fact.ToClient
}

// legIndex returns which leg of the connection id is, or -1.
func (c *conn) legIndex(id sight.LegID) int {
	for i, l := range c.legs[:c.nlegs] {
		if l == id {
			return i
		}
	}
	return -1
}

// note keeps a frame as evidence. Of a kind that repeats, the first and the latest are kept.
func (c *conn) note(m mark) {
	last := -1
	n := 0
	for i := range c.marks[:c.nmarks] {
		if c.marks[i].kind() == m.kind() {
			last = i
			n++
		}
	}
	limit := 1
	switch m.kind() {
	case fact.MarkSYNResend, fact.MarkShut, fact.MarkCorrupt, fact.MarkResend, fact.MarkStall, fact.MarkLoop, fact.MarkICMP, fact.MarkTranslated,
		fact.MarkEncapsulated, fact.MarkFragment, fact.MarkInitiation:
		limit = 3
	case fact.MarkQuery:
		limit = 2
	}
	switch {
	case n < limit && int(c.nmarks) < len(c.marks):
		c.marks[c.nmarks] = m
		c.nmarks++
	case last >= 0 && limit > 1:
		copy(c.marks[last:], c.marks[last+1:c.nmarks])
		c.marks[c.nmarks-1] = m
	}
}

// after reports whether a lies after b in sequence space (RFC 9293, section 3.4).
func after(a, b uint32) bool { return int32(a-b) > 0 }
