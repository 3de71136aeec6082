package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// sighting is one frame and its place in a connection.
type sighting struct {
	p      *decode.Packet
	data   []byte
	origin *sight.Origin
	// key is that of the packet, as in sight.Lead.
	key uint32
	// leg is the index of the leg in the connection, dir the direction of the connection that the packet travels in.
	leg int
	dir fact.Direction
	// view is where it was seen, 0 beyond the views that are kept; repeat is what the view makes of it.
	view   sight.ViewID
	repeat sight.Repeat
	// marked says that the frame may become evidence.
	marked bool
	// first says that the packet was not seen in any view before, born that it is the first of its leg.
	first, born bool
	// checksum is that of the tunnel packet around it, where it was looked at.
	checksum decode.Checksum
	// quiet is how long nothing had been seen of its connection before, 0 for less than leastQuiet.
	quiet int64
}

// mark makes evidence of the frame.
func (s *sighting) mark(kind fact.MarkKind) mark {
	s.marked = true
	m := newMark(kind, s.dir, s.origin, s.p)
	m.onLeg(s.leg)
	return m
}

// ingress returns the interface by which the packet came in; not known where it did not, or no index tells interfaces apart.
func (s *sighting) ingress() ingress {
	return ingress{capture: s.origin.Series, iface: s.p.Interface, known: s.p.Direction == decode.DirIn && !s.origin.Mixed}
}

// sighted enters a sighting into the state of its connection.
func (j *Joiner) sighted(id connID, leg sight.LegID, forward bool, s *sighting) {
	c, p := j.conn(id), s.p
	c.frames++
	if since := p.Time - c.last; since >= leastQuiet {
		s.quiet = since
	}
	c.last = max(c.last, p.Time)
	here := s.ingress()
	if s.leg = c.legIndex(leg); s.leg < 0 { // beyond maxLegs: a connection with so many goes in circles, a leg a turn
		for i := range c.ways {
			if f := c.ways[i].passed(s, here); f != nil && f.capture == here.capture && f.cameAround(p, s.repeat) {
				c.loops = max(c.loops, f.rounds())
			}
		}
		if c.watched != 0 {
			j.tell(c.watched, s)
		}
		return
	}
	s.dir = c.side(s.leg, forward)
	w := &c.ways[s.dir]
	switch s.checksum {
	case decode.ChecksumWrong:
		c.note(s.mark(fact.MarkCorrupt))
		c.corrupt += min(1, 1<<8-1-c.corrupt)
	case decode.ChecksumPartial:
		c.traits |= incomplete
	}
	cut := p.Stop.Reason == decode.StopCut && p.Has&decode.HasTCP != 0
	if !cut && !c.whole {
		c.whole = true
		if isSYN(p) { // what was seen of it so far, in the tunnel that brought it, does not count twice
			w.packets, w.syns = 0, 0
			if s.dir == fact.ToServer {
				c.firstSYN = 0
			}
		}
	}
	switch f := w.passed(s, here); {
	case f != nil:
		// Captures of two machines show one turn twice, so that TTLs are compared within one. A view that says so has compared them.
		if (f.capture == here.capture || s.repeat == sight.Loop) && f.cameAround(p, s.repeat) {
			s.repeat = sight.Loop
			c.loops = max(c.loops, f.rounds())
		}
		if s.view != 0 && s.repeat != sight.Again && s.repeat != sight.Loop {
			j.table.View(s.view).Delay(p.Time - f.time)
		}
	case s.repeat == sight.Again || s.repeat == sight.Loop || w.within(p, s.repeat):
	case cut && c.whole: // its timestamps are cut off, and its key is not that of the same packet outside of the tunnel
	default:
		s.first = true
		if (s.repeat == sight.Resend || s.repeat == sight.Refill) && j.sinks.Resent != nil {
			j.sinks.Resent(p.Time)
		}
		w.keys[w.at] = s.key
		w.inFlight[w.at].begin(p, here)
		w.at = (w.at + 1) % maxInFlight
		if s.view != 0 {
			j.table.View(s.view).Delay(0)
		}
		j.remember(s.key, id, s.dir, p, here)
	}
	if c.watched != 0 {
		j.tell(c.watched, s)
	}
	j.witness(c, s)
	switch c.proto {
	case fact.TCP:
		j.touch(id, c, j.segment(id, c, s))
		return
	case fact.SCTP:
		j.touch(id, c, j.chunks(id, c, s))
		return
	}
	j.exchange(c, s)
	if s.first && c.proto == fact.UDP && p.Stack == 0 && (wireGuardPort(p.DstPort) || wireGuardPort(p.SrcPort)) {
		j.shakeHands(id, s)
	}
	k := datagram
	if c.dns && c.ways[fact.ToServer].waiting == 0 {
		k = answered
	}
	j.touch(id, c, k)
}

// within reports whether a segment that is new to its view was part of a longer packet in another one: a GSO packet at the sender's
// interface leaves by the uplink in segments.
func (w *way) within(p *decode.Packet, repeat sight.Repeat) bool {
	return (repeat == sight.New || repeat == sight.Fill) && p.Has&decode.HasTCP != 0 && p.PayloadLen > 0 && w.hasTop &&
		!after(p.Seq+p.PayloadLen, w.top)
}

// turnTTL is how far a packet's TTL must have fallen since its last turn to say that it came around again: two where the view
// says so, whose leg did not change; more where masquerading gives each turn another leg, as a node takes one off, and
// nested ones a few.
const turnTTL, turnTTLElsewhere = 2, 5

// cameAround reports whether a further sighting of a packet is another turn of a circle, and counts it.
func (q *inFlight) cameAround(p *decode.Packet, repeat sight.Repeat) bool {
	fallen := uint8(turnTTLElsewhere)
	if repeat == sight.Loop {
		fallen = turnTTL
	}
	if p.TTL > q.ttl-min(q.ttl, fallen) {
		return false
	}
	q.ttl = p.TTL
	if q.rounds() < knownIngress-1 {
		q.turns++
	}
	return true
}

// A retransmission without a timestamp has the key of its first transmission. It follows it after 200 ms (RTO_MIN), a SYN after a second
// (RFC 6298, section 2.1), as does all of SCTP (RTO.Min, RFC 9260, section 16), whose sockets may leave out IP ids; sooner there is only a fast
// retransmission, which no other place showed before.
const soonAgain, soonAgainSYN = 50e6, 500e6

// passed returns the one of the latest packets of which this is a further sighting, or nil.
func (w *way) passed(s *sighting, here ingress) *inFlight {
	p := s.p
	// A packet that is new in its view is new altogether, unless another view showed it a moment ago.
	again := s.repeat == sight.Resend || s.repeat == sight.Ambiguous || s.repeat == sight.Probe
	for i := range w.keys {
		if w.keys[i] != s.key {
			continue
		}
		f := &w.inFlight[i]
		since, elsewhere := p.Time-f.time, f.ingress() != here
		bare := p.Proto == wire.ProtoSCTP && p.IPID == 0
		if again || bare {
			soon := int64(soonAgain)
			if isSYN(p) || bare {
				soon = soonAgainSYN
			}
			// Where no index tells interfaces apart, any place may be another one.
			if since < soon && (elsewhere || s.origin.Mixed) {
				return f
			}
			continue
		}
		// Without an IP id, what comes in once more by the same interface is another packet; a SYN's timestamp says the contrary.
		if since < 5e9 && (elsewhere || !here.known || p.IPID != 0 || isSYN(p) && p.Has&decode.HasTimestamps != 0) {
			return f
		}
	}
	return nil
}

// isSYN reports whether a packet is a SYN or SYN-ACK.
func isSYN(p *decode.Packet) bool { return p.Has&decode.HasTCP != 0 && p.Flags&wire.SYN != 0 }

// payload returns the captured part of the innermost transport payload.
func payload(p *decode.Packet, data []byte) []byte {
	from, to := int(p.Payload), int(p.Payload)+int(p.PayloadCap)
	if from > len(data) || to > len(data) {
		return nil
	}
	return data[from:to]
}
