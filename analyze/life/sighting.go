package life

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Sighting is one frame and its place in a connection.
type Sighting struct {
	Packet *decode.Packet
	Data   []byte
	Origin *sight.Origin
	// Key is that of the packet, as in sight.Lead.
	Key uint32
	// Leg is the index of the leg in State.Legs, -1 beyond MaxLegs; Dir is the direction of the connection that the packet travels in, where
	// there is a leg.
	Leg int
	Dir fact.Direction
	// View is where it was seen, 0 beyond the views that are kept; Repeat is what the view makes of it, and See may find that it came around.
	View   sight.ViewID
	Repeat sight.Repeat
	// Marked is set by See where the frame may become evidence.
	Marked bool
	// First is set by See where the packet was not seen in any view before. Born says that it is the first of its leg.
	First, Born bool
	// Checksum is that of the tunnel packet around it, where it was looked at.
	Checksum decode.Checksum
	// quiet is how long nothing had been seen of its connection before, 0 for less than leastQuiet.
	quiet int64
}

// On says which leg of a connection it is on, and in which direction.
func (s *Sighting) On(c *State, leg sight.LegID, forward bool) {
	if s.Leg = c.legIndex(leg); s.Leg >= 0 {
		s.Dir = c.Side(s.Leg, forward)
	}
}

// mark makes evidence of the frame.
func (s *Sighting) mark(kind fact.MarkKind) mark {
	s.Marked = true
	m := newMark(kind, s.Dir, s.Origin, s.Packet)
	m.onLeg(s.Leg)
	return m
}

// Ingress returns the interface by which the packet came in.
func (s *Sighting) Ingress() Ingress { return IngressOf(s.Packet, s.Origin) }

// See enters a sighting into the state of its connection, and returns the stage that this comes to.
func (ls *Lives) See(id ID, c *State, s *Sighting) Stage {
	p := s.Packet
	c.Frames++
	if since := p.Time - c.Last; since >= leastQuiet {
		s.quiet = since
	}
	c.Last = max(c.Last, p.Time)
	here := s.Ingress()
	if s.Leg < 0 { // a connection with so many goes in circles, a leg a turn
		for i := range c.ways {
			if f := c.ways[i].passed(s, here); f != nil && f.capture == here.capture && f.cameAround(p, s.Repeat) {
				c.loops = max(c.loops, f.rounds())
			}
		}
		return c.Stage
	}
	w := &c.ways[s.Dir]
	switch s.Checksum {
	case decode.ChecksumWrong:
		c.note(s.mark(fact.MarkCorrupt))
		c.corrupt += min(1, 1<<8-1-c.corrupt)
	case decode.ChecksumPartial:
		c.incomplete = true
	}
	cut := p.Stop.Reason == decode.StopCut && p.Has&decode.HasTCP != 0
	if !cut && !c.whole {
		c.whole = true
		if IsSYN(p) { // what was seen of it so far, in the tunnel that brought it, does not count twice
			w.packets, w.syns = 0, 0
			if s.Dir == fact.ToServer {
				c.firstSYN = 0
			}
		}
	}
	switch f := w.passed(s, here); {
	case f != nil:
		// Captures of two machines show one turn twice, so that TTLs are compared within one. A view that says so has compared them.
		if (f.capture == here.capture || s.Repeat == sight.Loop) && f.cameAround(p, s.Repeat) {
			s.Repeat = sight.Loop
			c.loops = max(c.loops, f.rounds())
		}
		if s.View != 0 && s.Repeat != sight.Again && s.Repeat != sight.Loop {
			ls.table.View(s.View).Delay(p.Time - f.time)
		}
	case s.Repeat == sight.Again || s.Repeat == sight.Loop || w.within(p, s.Repeat):
	case cut && c.whole: // its timestamps are cut off, and its key is not that of the same packet outside of the tunnel
	default:
		s.First = true
		if (s.Repeat == sight.Resend || s.Repeat == sight.Refill) && ls.sinks.Resent != nil {
			ls.sinks.Resent(p.Time)
		}
		w.keys[w.at] = s.Key
		w.inFlight[w.at].begin(p, here)
		w.at = (w.at + 1) % maxInFlight
		if s.View != 0 {
			ls.table.View(s.View).Delay(0)
		}
	}
	ls.witness(c, s)
	switch c.Proto {
	case fact.TCP:
		return ls.segment(id, c, s)
	case fact.SCTP:
		return ls.chunks(id, c, s)
	}
	ls.exchange(c, s)
	if s.First && c.Proto == fact.UDP && p.Stack == 0 && (wireGuardPort(p.DstPort) || wireGuardPort(p.SrcPort)) {
		ls.shakeHands(id, c, s)
	}
	if p.Has&decode.HasMF != 0 {
		ls.fragment(c, s)
	}
	if c.DNS && c.ways[fact.ToServer].waiting == 0 {
		return Answered
	}
	return Datagram
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
const soonAgain = 50e6

// SYNAgain is how long after a SYN, in nanoseconds, a further one may be a sighting of it: a second one is sent later.
const SYNAgain = 500e6

// passed returns the one of the latest packets of which this is a further sighting, or nil.
func (w *way) passed(s *Sighting, here Ingress) *inFlight {
	p := s.Packet
	// A packet that is new in its view is new altogether, unless another view showed it a moment ago.
	again := s.Repeat == sight.Resend || s.Repeat == sight.Ambiguous || s.Repeat == sight.Probe
	for n := range uint8(maxInFlight) {
		i := (w.at - 1 - n) % maxInFlight // the latest first: most sightings follow each other
		if w.keys[i] != s.Key {
			continue
		}
		f := &w.inFlight[i]
		since, elsewhere := p.Time-f.time, f.ingress() != here
		bare := p.Proto == wire.ProtoSCTP && p.IPID == 0
		if again || bare {
			soon := int64(soonAgain)
			if IsSYN(p) || bare {
				soon = SYNAgain
			}
			// Where no index tells interfaces apart, any place may be another one.
			if since < soon && (elsewhere || s.Origin.Mixed) {
				return f
			}
			continue
		}
		// Without an IP id, what comes in once more by the same interface is another packet; a SYN's timestamp says the contrary.
		if since < 5e9 && (elsewhere || !here.known || p.IPID != 0 || IsSYN(p) && p.Has&decode.HasTimestamps != 0) {
			return f
		}
	}
	return nil
}

// IsSYN reports whether a packet is a SYN or SYN-ACK.
func IsSYN(p *decode.Packet) bool { return p.Has&decode.HasTCP != 0 && p.Flags&wire.SYN != 0 }

// Payload returns the captured part of the innermost transport payload.
func Payload(p *decode.Packet, data []byte) []byte {
	from, to := int(p.Payload), int(p.Payload)+int(p.PayloadCap)
	if from > len(data) || to > len(data) {
		return nil
	}
	return data[from:to]
}
