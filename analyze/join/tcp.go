package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// segment enters a TCP segment and returns the class that its connection belongs to now.
func (j *Joiner) segment(id connID, c *conn, s *sighting) class {
	p := s.p
	if p.Has&decode.HasTCP == 0 || s.repeat == sight.Loop {
		return c.class
	}
	w, peer := &c.ways[s.dir], &c.ways[1-s.dir]
	w.heard(p.Time, s.first)
	if p.Flags&wire.RST != 0 {
		if s.first {
			w.resets++
		}
		j.aborted(id, c, s)
		if s.dir == fact.ToServer && !c.established && !c.midstream && c.firstSYN != 0 {
			// The client's answer to a SYN-ACK that it did not expect is not its end: the socket that sent the SYN goes on with it
			// (RFC 9293, section 3.10.7.3), up to a minute later.
			return opening
		}
		return closing
	}
	if p.Flags&wire.SYN != 0 {
		j.opened(c, s)
	} else if s.first && (p.Window == 0 || w.shut) {
		j.shut(id, c, s)
	}
	if s.quiet != 0 && s.first && (s.repeat == sight.New || s.repeat == sight.None || s.repeat == sight.Probe) {
		c.resume(s)
	}
	end := p.Seq + p.PayloadLen
	if p.Flags&wire.FIN != 0 {
		end++
		if !w.fin {
			w.fin, w.finEnd = true, end
			// The peer's data went out before it could know of the FIN, whose sender did not have it yet.
			if s.dir == fact.ToClient && s.first && peer.hasTop && p.Flags&wire.ACK != 0 && after(peer.top, p.Ack) {
				c.crossed = true
			}
			c.note(s.mark(fact.MarkFIN))
		}
	}
	switch {
	case s.repeat == sight.New && s.first:
		w.fresh = p.Time
	case s.repeat == sight.Resend && w.fresh != 0:
		j.table.Began(s.view, w.fresh)
	}
	if p.PayloadLen > 0 && s.first {
		j.carried(c, s, end)
		if c.bgp {
			j.notified(id, s)
		}
	}
	if !w.hasTop || after(end, w.top) {
		w.top, w.hasTop = end, true
	}
	if p.Flags&wire.ACK != 0 {
		if !w.hasAck || after(p.Ack, w.ack) {
			w.ack, w.hasAck = p.Ack, true
		}
		if peer.bigLen != 0 && !after(peer.bigEnd, p.Ack) {
			peer.maxAcked, peer.bigLen = max(peer.maxAcked, peer.bigLen), 0
		}
		if s.first && p.Has&decode.HasSACK != 0 {
			if after(p.SACKRight, p.Ack) {
				j.holed(id, 1-s.dir, p)
			} else {
				peer.dsack++
			}
		}
		if p.Flags&wire.SYN == 0 {
			j.acknowledged(c, s)
		}
	}
	up, down := &c.ways[fact.ToServer], &c.ways[fact.ToClient]
	switch {
	case up.fin && down.fin && !after(up.finEnd, down.ack) && !after(down.finEnd, up.ack):
		return closing
	case c.class == closing && !c.reset || c.established || c.midstream:
		return open
	}
	return c.class
}

// heard enters that something travelled this way.
func (w *way) heard(time int64, first bool) {
	if !w.seen {
		w.seen, w.first = true, time
	}
	w.last = max(w.last, time)
	if first {
		w.packets++
	}
}

// hole is data of a direction that its receiver misses, by its selective acknowledgements.
type hole struct {
	// ack is where it begins; left and right bound what the receiver has of what follows.
	ack, left, right uint32
	since            int64
}

// holed enters a selective acknowledgement of data of a direction.
func (j *Joiner) holed(id connID, data fact.Direction, p *decode.Packet) {
	both := j.holes[id]
	if both == nil {
		both = new([2]hole)
		j.holes[id] = both
	}
	h := &both[data]
	if h.since == 0 || h.ack != p.Ack {
		*h = hole{p.Ack, p.SACKLeft, p.SACKRight, p.Time}
		return
	}
	if after(h.left, p.SACKLeft) {
		h.left = p.SACKLeft
	}
	if after(p.SACKRight, h.right) {
		h.right = p.SACKRight
	}
}

// opened enters a SYN or SYN-ACK.
func (j *Joiner) opened(c *conn, s *sighting) {
	p, w := s.p, &c.ways[s.dir]
	// Clamping lowers the MSS on the way (net/netfilter/xt_TCPMSS.c): what the other end is told is the lowest one seen.
	if p.Has&decode.HasMSS != 0 && (w.mss == 0 || p.MSS < w.mss) {
		w.mss = p.MSS
	}
	// Not one by one view's word: what was lost before a view, or has no place there, was sent as well.
	if s.first && (p.Flags&wire.ACK != 0) == (s.dir == fact.ToClient) {
		w.syns += min(1, 1<<8-1-w.syns)
	}
	if p.Has&decode.HasTimestamps != 0 && (s.first || s.born) {
		j.stamped(c, p)
	}
	switch {
	case p.Flags&wire.ACK != 0:
		c.irs, c.hasIRS = p.Seq, true
		if s.first && c.established && !c.midstream {
			c.unheard += min(1, 1<<8-1-c.unheard)
		}
		c.note(s.mark(fact.MarkSYNACK))
	case s.dir == fact.ToClient: // simultaneous open
	case s.first:
		c.synTS, c.synID, c.synTime = p.TSVal, p.IPID, p.Time
		kind := fact.MarkSYNResend
		if c.firstSYN == 0 {
			c.firstSYN, kind = p.Time, fact.MarkSYN
		}
		c.note(s.mark(kind))
	}
}

// acknowledged enters an ACK that is no SYN-ACK.
func (j *Joiner) acknowledged(c *conn, s *sighting) {
	toServer := s.dir == fact.ToServer
	if c.established || !c.midstream && (!c.hasISN || !toServer && s.p.PayloadLen == 0) {
		return
	}
	c.established = true
	if c.hasIRS && c.firstSYN != 0 && toServer {
		c.handshake = s.p.Time - c.firstSYN
	}
	_, called, _ := j.ends(c)
	if !c.midstream && len(j.servers) < maxServers {
		j.servers[called] = true
	}
}

// carried enters data at its first sighting; end is where it ends in sequence space.
func (j *Joiner) carried(c *conn, s *sighting, end uint32) {
	p, w := s.p, &c.ways[s.dir]
	if peer := &c.ways[fact.ToClient]; s.dir == fact.ToServer && peer.fin && s.repeat == sight.New && after(peer.finEnd, p.Ack) && after(end, peer.ack) {
		c.crossed = true
	}
	// Which transmission it was that arrived, an acknowledgement of data sent twice does not say (Karn's algorithm): the latest, if it is smaller.
	if p.IPLen > w.bigLen || s.repeat == sight.Resend && after(w.bigEnd, p.Seq) {
		w.bigLen, w.bigEnd = p.IPLen, end
	}
	switch s.repeat {
	case sight.Resend, sight.Refill:
		m := s.mark(fact.MarkResend)
		if s.view != 0 {
			if stall := &j.table.Trouble(j.table.View(s.view)).Stall; stall.Sends >= hangSends {
				m = s.mark(fact.MarkStall)
				m.count = uint8(min(stall.Sends, 255))
			}
		}
		c.note(m)
	case sight.New:
		if !c.carries {
			c.carries = true
			c.note(s.mark(fact.MarkData))
		}
	}
	if c.dns && (w.dnsTop == 0 || p.Seq == w.dnsTop) {
		s.marked = true // lookups note it
		j.dnsOverTCP(c, s)
		w.dnsTop = end
	}
}

// madeHere reports whether a packet at its first sighting leaves the node with a TTL that no router touched.
func madeHere(p *decode.Packet) bool {
	return p.Direction == decode.DirOut && (p.TTL == 64 || p.TTL == 128 || p.TTL == 255)
}

// aborted enters a RST. Only the first sighting of the first one counts.
func (j *Joiner) aborted(id connID, c *conn, s *sighting) {
	if c.reset {
		return
	}
	c.reset = true
	p := s.p
	w, peer := &c.ways[s.dir], &c.ways[1-s.dir]
	before, usual := j.before(c, s)
	j.resets[id] = &reset{
		from:        s.dir,
		madeHere:    madeHere(p),
		stack:       p.Stack,
		bare:        p.Flags&wire.ACK == 0,
		answersAck:  peer.hasAck && p.Seq == peer.ack,
		inHandshake: s.dir == fact.ToClient && !c.established && c.hasISN && !w.fin,
		afterClose:  c.class == closing,
		stray:       !before,
		ttl:         p.TTL, usualTTL: usual, id: p.IPID,
		src: p.Src, srcPort: p.SrcPort, dst: p.Dst, dstPort: p.DstPort,
		time: p.Time, capture: s.origin.Capture, frame: p.Frame,
	}
	c.note(s.mark(fact.MarkReset))
}

// before reports whether the leg of a sighting had shown packets of its direction before, and the TTL that they had in its view; 0 where
// they showed in others.
func (j *Joiner) before(c *conn, s *sighting) (seen bool, ttl uint8) {
	for id := j.table.Leg(c.legs[s.leg]).Views; id != 0; {
		v := j.table.View(id)
		switch {
		case c.side(s.leg, v.Forward) != s.dir:
		case id != s.view:
			seen = true
		case v.Frames > 1:
			seen, ttl = true, v.TTL
		}
		id = v.Link
	}
	return seen, ttl
}
