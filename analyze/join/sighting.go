package join

import (
	"encoding/binary"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// sighting is one frame and its place in a connection.
type sighting struct {
	p      *decode.Packet
	data   []byte
	origin sight.Origin
	// leg is the index of the leg in the connection, dir the direction of the connection that the packet travels in.
	leg int
	dir fact.Direction
	// view is where it was seen, 0 beyond the views that are kept; repeat is what the view makes of it.
	view   sight.ViewID
	repeat sight.Repeat
	// first says that the packet was not seen in any view before.
	first bool
}

// mark makes evidence of the frame.
func (s *sighting) mark(kind fact.MarkKind) mark {
	return mark{kind: kind, capture: s.origin.Capture, frame: s.p.Frame, time: s.p.Time, ipLen: s.p.IPLen}
}

// door returns the interface by which the packet came in; not known where it did not, or no index tells interfaces apart.
func (s *sighting) door() door {
	return door{capture: s.origin.Series, iface: s.p.Interface, known: s.p.Direction == decode.DirIn && !s.origin.Mixed}
}

// sighted enters a sighting into the state of its connection.
func (j *Joiner) sighted(id connID, leg sight.LegID, forward bool, s *sighting) {
	c, p := j.conn(id), s.p
	c.frames++
	c.last = max(c.last, p.Time)
	key, here := packetKey(p, s.data), s.door()
	if s.leg = c.legIndex(leg); s.leg < 0 { // beyond maxLegs: what needs so many goes in circles, a leg a turn
		for i := range c.ways {
			if q := c.ways[i].passed(key, p, here, s.repeat); q != nil && q.door.capture == here.capture && q.cameAround(p, s.repeat) {
				c.loops = max(c.loops, q.turns)
			}
		}
		return
	}
	s.dir = c.side(s.leg, forward)
	w := &c.ways[s.dir]
	switch q := w.passed(key, p, here, s.repeat); {
	case q != nil:
		if q.door.capture == here.capture && q.cameAround(p, s.repeat) {
			s.repeat = sight.Loop
			c.loops = max(c.loops, q.turns)
		}
		if s.view != 0 && s.repeat != sight.Again && s.repeat != sight.Loop {
			j.table.View(s.view).Delay(p.Time - q.time)
		}
	case s.repeat == sight.Again || s.repeat == sight.Loop || w.within(p, s.repeat):
	default:
		s.first = true
		w.recent[w.at] = passing{key: key, time: p.Time, door: here, ttl: p.TTL}
		w.at = (w.at + 1) % uint8(len(w.recent))
		if s.view != 0 {
			j.table.View(s.view).Delay(0)
		}
		j.remember(key, id, s.dir, p, here)
	}
	if c.watched {
		j.tell(p, key, s.dir, s.repeat, s.origin)
	}
	j.witness(c, s)
	if c.proto == fact.TCP {
		j.touch(id, j.segment(c, s))
		return
	}
	j.exchange(c, s)
	j.touch(id, datagram)
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
