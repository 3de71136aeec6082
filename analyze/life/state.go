package life

import (
	"unsafe"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/prefetch"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// ID addresses a connection: what few connections have lies beside their States, by it. 0 is none.
type ID uint32

// Stage is how far a connection has come.
type Stage uint8

// The stages, as segments and datagrams lead to them. Any may follow any.
const (
	// Closing: over; the last sightings may still arrive.
	Closing Stage = iota
	// Answered: DNS over UDP whose latest question was answered (see AllAnswered). Most resolvers ask by a socket of its own each time.
	Answered
	// Opening: SYNs that nobody answered yet.
	Opening
	// Datagram: other UDP, and ICMP.
	Datagram
	// Open: established TCP.
	Open
	// Stages is their number.
	Stages
)

// MaxLegs bounds the legs of a connection; a routing loop with masquerade makes one per turn.
const MaxLegs = 16

// maxMarks bounds the marked frames of a connection. One more would not fit into its cache lines.
const maxMarks = 15

// State is a connection as its packets left it. Its owner has 16 bytes before it and 8 behind, and the whole
// fills cache lines: every packet touches the first two, and the first two of its way. Begin makes one.
type State struct {
	Proto fact.Proto
	// Stage is set by the owner, to what See returned last.
	Stage Stage
	nlegs uint8
	// loops is how often one packet came around.
	loops uint8
	// clientIsA has a bit per leg: the client is the tuple's Endpoint A.
	clientIsA uint16
	// Capture and Frame are where its first packet is, Start is when it came.
	Capture uint16

	// Midstream says that it began before the capture, Established that its handshake is complete, DNS that it carries DNS messages: the
	// owner says so.
	Midstream, Established, DNS bool
	// Reset says that a RST was seen, see Lives.resets.
	Reset bool
	// crossed: see fact.Connection.
	crossed bool
	// unheard and corrupt are fact.Connection.Unheard and Corrupt, saturated.
	unheard, corrupt uint8
	// incomplete: see fact.Connection.
	incomplete bool

	// Last is the time of its latest packet.
	Last int64
	// Frames counts sightings.
	Frames uint64
	// legs in order of birth.
	legs [MaxLegs]sight.LegID
	// Ingress is the interface on which the client's own packets come in: its veth.
	Ingress Ingress
	// TTL is that of the packet that bore the first leg, if it came from the client.
	TTL uint8
	// stray is one more than the index of the leg of a reply that seemed to be untranslated, 0 for none; see strayed.
	stray uint8
	// carries says that data was marked.
	carries bool
	// whole says that a TCP header was seen that the capture did not cut.
	whole bool
	// bgp says that it is a session of BGP, by its port.
	bgp bool

	ways [2]way

	Frame uint64
	Start int64
	// ISN is the client's initial sequence number, or its tag, and IRS the server's (RFC 9293, section 3.3.1).
	ISN, IRS uint32
	// SYN is the latest SYN.
	SYN SYN
	// firstSYN is when the first SYN came.
	firstSYN  int64
	handshake int64
	// owed is when the first request was sent that was still unanswered when the latest translation began; 0 where none was.
	owed int64
	// quiet is how long the latest silence was that something new ended, in milliseconds, with closingBit set where that was a FIN; resumed
	// is when, since Start. See fact.Idle.
	quiet, resumed uint32
	// overflow counts the legs beyond MaxLegs.
	overflow       uint32
	HasISN, HasIRS bool
	nmarks         uint8
	// resumedBy is the direction of what ended the silence.
	resumedBy fact.Direction
	marks     [maxMarks]mark
}

// SYN is what tells a SYN from another one.
type SYN struct {
	// TS is its timestamp, ID its IP id; 0 without one.
	TS, ID uint32
	Time   int64
}

// Begin sets c, which is zero, to a connection whose first packet is p; syn says that this opens it.
func (c *State) Begin(p *decode.Packet, proto fact.Proto, syn bool, o *sight.Origin) {
	c.Proto, c.Capture, c.Frame, c.Start, c.Last, c.handshake = proto, o.Capture, p.Frame, p.Time, p.Time, -1
	c.bgp = proto == fact.TCP && (p.SrcPort == wire.BGPPort || p.DstPort == wire.BGPPort)
	c.Midstream = proto.Opens() && !syn
}

// Legs returns its legs in order of birth, but for the client's own, which comes first.
func (c *State) Legs() []sight.LegID { return c.legs[:c.nlegs] }

// Attach gives it a new leg, and reports whether there was room for one more.
func (c *State) Attach(leg sight.LegID, clientIsA bool) bool {
	if int(c.nlegs) == len(c.legs) {
		c.overflow++
		return false
	}
	if clientIsA {
		c.clientIsA |= 1 << c.nlegs
	}
	c.legs[c.nlegs] = leg
	c.nlegs++
	return true
}

// Overflows reports whether it has had more than MaxLegs.
func (c *State) Overflows() bool { return c.overflow > 0 }

// Order keeps the leg nearest to the client first: the one whose packets have the larger TTL. p, from the client, bore the leg that was attached
// last. Time tells the same, except between nodes whose clocks are known less well than packets are fast.
func (c *State) Order(p *decode.Packet) {
	last := int(c.nlegs) - 1
	if last < 0 {
		return
	}
	if last == 0 {
		c.TTL = p.TTL
		return
	}
	if c.TTL == 0 || p.TTL <= c.TTL || c.overflow > 0 {
		return
	}
	c.TTL = p.TTL
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

// TurnAround takes the client for the server. It is for a connection of which no sequence number was seen.
func (c *State) TurnAround() { c.clientIsA = ^c.clientIsA }

// Numbered reports whether a sequence number was seen of it.
func (c *State) Numbered() bool { return c.ways[0].hasTop || c.ways[1].hasTop }

// Top returns the end of the sequence space that was seen of a direction, and whether any was.
func (c *State) Top(dir fact.Direction) (uint32, bool) { return c.ways[dir].top, c.ways[dir].hasTop }

// AllAnswered reports whether as many datagrams came back as the client sent.
func (c *State) AllAnswered() bool {
	return c.ways[fact.ToClient].packets >= c.ways[fact.ToServer].packets
}

// Strays reports whether a reply of it seemed to be untranslated.
func (c *State) Strays() bool { return c.stray != 0 }

// Ahead asks for the lines that See will touch of it.
func (c *State) Ahead(lines *prefetch.Lines) {
	// Sums, and no fields: the compiler would read a byte of c before, in case c is nil, and wait for that.
	at, ways := unsafe.Pointer(c), unsafe.Offsetof(State{}.ways)
	lines.Add(at)
	lines.Add(unsafe.Add(at, ways))
	lines.Add(unsafe.Add(at, ways+unsafe.Sizeof(way{})))
}

// way is one direction of a connection, across all views.
type way struct {
	// keys are those of the latest packets, to know further sightings of them; 0 is none. inFlight has more of them. They
	// are written in turn, at being the place of the next one.
	keys [maxInFlight]uint32
	at   uint8

	seen, fin, hasTop, hasAck bool
	// shut says that its sender's receive window was closed by its last word, see Lives.windows.
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

func (f *inFlight) begin(p *decode.Packet, d Ingress) {
	f.time, f.iface, f.capture, f.ttl, f.turns = p.Time, d.iface, d.capture, p.TTL, 0
	if d.known {
		f.turns = knownIngress
	}
}

// ingress returns the interface by which the packet came in at its first sighting.
func (f *inFlight) ingress() Ingress { return Ingress{f.iface, f.capture, f.turns&knownIngress != 0} }

// rounds returns how often the packet came around.
func (f *inFlight) rounds() uint8 { return f.turns &^ knownIngress }

// Ingress is the interface by which a packet comes in to the node, in one capture. The zero Ingress is an unknown one.
type Ingress struct {
	iface   uint32
	capture uint16
	known   bool
}

// IngressOf returns the interface by which a packet came in; not known where it did not, or no index tells interfaces apart.
func IngressOf(p *decode.Packet, o *sight.Origin) Ingress {
	return Ingress{capture: o.Series, iface: p.Interface, known: p.Direction == decode.DirIn && !o.Mixed}
}

// Known reports whether it is known.
func (d Ingress) Known() bool { return d.known }

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

// legShift is where the leg's bits in mark.where begin. There are MaxLegs at most.
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

// Side returns the direction of a packet that went from A to B (forward) or back in the connection's leg n.
func (c *State) Side(n int, forward bool) fact.Direction {
	if (c.clientIsA>>n&1 == 1) == forward {
		return fact.ToServer
	}
	return fact.ToClient
}

// legIndex returns which leg of the connection id is, or -1.
func (c *State) legIndex(id sight.LegID) int {
	for i, l := range c.Legs() {
		if l == id {
			return i
		}
	}
	return -1
}

// note keeps a frame as evidence. Of a kind that repeats, the first and the latest are kept.
func (c *State) note(m mark) {
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
