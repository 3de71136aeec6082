package life

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// segment enters a TCP segment and returns the class that its connection belongs to now.
func (ls *Lives) segment(id ID, c *State, s *Sighting) Stage {
	p := s.Packet
	if p.Has&decode.HasTCP == 0 || s.Repeat == sight.Loop {
		return c.Stage
	}
	w, peer := &c.ways[s.Dir], &c.ways[1-s.Dir]
	w.heard(p.Time, s.First)
	if p.Flags&wire.RST != 0 {
		if s.First {
			w.resets++
		}
		ls.aborted(id, c, s)
		if s.Dir == fact.ToServer && !c.Established && !c.Midstream && c.firstSYN != 0 {
			// The client's answer to a SYN-ACK that it did not expect is not its end: the socket that sent the SYN goes on with it
			// (RFC 9293, section 3.10.7.3), up to a minute later.
			return Opening
		}
		return Closing
	}
	if p.Flags&wire.SYN != 0 {
		ls.opened(c, s)
	} else if s.First && (p.Window == 0 || w.shut) {
		ls.shut(id, c, s)
	}
	if s.quiet != 0 && s.First && (s.Repeat == sight.New || s.Repeat == sight.None || s.Repeat == sight.Probe) {
		c.resume(s)
	}
	end := p.Seq + p.PayloadLen
	if p.Flags&wire.FIN != 0 {
		end++
		if !w.fin {
			w.fin, w.finEnd = true, end
			// The peer's data went out before it could know of the FIN, whose sender did not have it yet.
			if s.Dir == fact.ToClient && s.First && peer.hasTop && p.Flags&wire.ACK != 0 && after(peer.top, p.Ack) {
				c.crossed = true
			}
			c.note(s.mark(fact.MarkFIN))
		}
	}
	switch {
	case s.Repeat == sight.New && s.First:
		w.fresh = p.Time
	case s.Repeat == sight.Resend && w.fresh != 0:
		ls.table.Began(s.View, w.fresh)
	}
	if p.PayloadLen > 0 && s.First {
		ls.carried(c, s, end)
		if c.bgp {
			ls.notified(id, s)
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
		if s.First && p.Has&decode.HasSACK != 0 {
			if after(p.SACKRight, p.Ack) {
				ls.holed(id, 1-s.Dir, p)
			} else {
				peer.dsack++
			}
		}
		if p.Flags&wire.SYN == 0 {
			ls.acknowledged(c, s)
		}
	}
	up, down := &c.ways[fact.ToServer], &c.ways[fact.ToClient]
	switch {
	case up.fin && down.fin && !after(up.finEnd, down.ack) && !after(down.finEnd, up.ack):
		return Closing
	case c.Stage == Closing && !c.Reset || c.Established || c.Midstream:
		return Open
	}
	return c.Stage
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
func (ls *Lives) holed(id ID, data fact.Direction, p *decode.Packet) {
	both := ls.holes[id]
	if both == nil {
		both = new([2]hole)
		ls.holes[id] = both
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
func (ls *Lives) opened(c *State, s *Sighting) {
	p, w := s.Packet, &c.ways[s.Dir]
	// Clamping lowers the MSS on the way (net/netfilter/xt_TCPMSS.c): what the other end is told is the lowest one seen.
	if p.Has&decode.HasMSS != 0 && (w.mss == 0 || p.MSS < w.mss) {
		w.mss = p.MSS
	}
	// Not one by one view's word: what was lost before a view, or has no place there, was sent as well.
	if s.First && (p.Flags&wire.ACK != 0) == (s.Dir == fact.ToClient) {
		w.syns += min(1, 1<<8-1-w.syns)
	}
	switch {
	case p.Flags&wire.ACK != 0:
		c.IRS, c.HasIRS = p.Seq, true
		if s.First && c.Established && !c.Midstream {
			c.unheard += min(1, 1<<8-1-c.unheard)
		}
		c.note(s.mark(fact.MarkSYNACK))
	case s.Dir == fact.ToClient: // simultaneous open
	case s.First:
		c.SYN.TS, c.SYN.ID, c.SYN.Time = p.TSVal, p.IPID, p.Time
		kind := fact.MarkSYNResend
		if c.firstSYN == 0 {
			c.firstSYN, kind = p.Time, fact.MarkSYN
		}
		c.note(s.mark(kind))
	}
}

// acknowledged enters an ACK that is no SYN-ACK.
func (ls *Lives) acknowledged(c *State, s *Sighting) {
	toServer := s.Dir == fact.ToServer
	if c.Established || !c.Midstream && (!c.HasISN || !toServer && s.Packet.PayloadLen == 0) {
		return
	}
	c.Established = true
	if c.HasIRS && c.firstSYN != 0 && toServer {
		c.handshake = s.Packet.Time - c.firstSYN
	}
}

// carried enters data at its first sighting; end is where it ends in sequence space.
func (ls *Lives) carried(c *State, s *Sighting, end uint32) {
	p, w := s.Packet, &c.ways[s.Dir]
	if peer := &c.ways[fact.ToClient]; s.Dir == fact.ToServer && peer.fin && s.Repeat == sight.New && after(peer.finEnd, p.Ack) && after(end, peer.ack) {
		c.crossed = true
	}
	// Which transmission it was that arrived, an acknowledgement of data sent twice does not say (Karn's algorithm): the latest, if it is smaller.
	if p.IPLen > w.bigLen || s.Repeat == sight.Resend && after(w.bigEnd, p.Seq) {
		w.bigLen, w.bigEnd = p.IPLen, end
	}
	switch s.Repeat {
	case sight.Resend, sight.Refill:
		m := s.mark(fact.MarkResend)
		if s.View != 0 {
			if stall := &ls.table.Trouble(ls.table.View(s.View)).Stall; stall.Sends >= hangSends {
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
	if c.DNS && (w.dnsTop == 0 || p.Seq == w.dnsTop) {
		s.Marked = true // lookups note it
		ls.dnsOverTCP(c, s)
		w.dnsTop = end
	}
}

// MadeHere reports whether a packet at its first sighting leaves the node with a TTL that no router touched.
func MadeHere(p *decode.Packet) bool {
	return p.Direction == decode.DirOut && (p.TTL == 64 || p.TTL == 128 || p.TTL == 255)
}

// aborted enters a RST. Only the first sighting of the first one counts.
func (ls *Lives) aborted(id ID, c *State, s *Sighting) {
	if c.Reset {
		return
	}
	c.Reset = true
	p := s.Packet
	w, peer := &c.ways[s.Dir], &c.ways[1-s.Dir]
	before, usual := ls.before(c, s)
	ls.resets[id] = &reset{
		from:        s.Dir,
		madeHere:    MadeHere(p),
		stack:       p.Stack,
		bare:        p.Flags&wire.ACK == 0,
		answersAck:  peer.hasAck && p.Seq == peer.ack,
		inHandshake: s.Dir == fact.ToClient && !c.Established && c.HasISN && !w.fin,
		afterClose:  c.Stage == Closing,
		stray:       !before,
		ttl:         p.TTL, usualTTL: usual, id: p.IPID,
		src: p.Src, srcPort: p.SrcPort, dst: p.Dst, dstPort: p.DstPort,
		time: p.Time, capture: s.Origin.Capture, frame: p.Frame,
	}
	c.note(s.mark(fact.MarkReset))
}

// before reports whether the leg of a sighting had shown packets of its direction before, and the TTL that they had in its view; 0 where
// they showed in others.
func (ls *Lives) before(c *State, s *Sighting) (seen bool, ttl uint8) {
	for id := ls.table.Leg(c.legs[s.Leg]).Views; id != 0; {
		v := ls.table.View(id)
		switch {
		case c.Side(s.Leg, v.Forward) != s.Dir:
		case id != s.View:
			seen = true
		case v.Frames > 1:
			seen, ttl = true, v.TTL
		}
		id = v.Link
	}
	return seen, ttl
}
