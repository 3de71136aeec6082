package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// segment enters a TCP segment and returns the class that its connection belongs to now. first says that this is the
// segment's first sighting anywhere.
func (j *Joiner) segment(c *conn, n int, dir fact.Direction, view sight.ViewID, p *decode.Packet, data []byte, o sight.Origin, repeat sight.Repeat, first bool) class {
	if p.Has&decode.HasTCP == 0 || repeat == sight.Loop {
		return c.class
	}
	w, peer := &c.ways[dir], &c.ways[1-dir]
	if !w.seen {
		w.seen, w.first = true, p.Time
	}
	w.last = max(w.last, p.Time)
	if first {
		w.packets++
	}
	m := mark{capture: o.Capture, frame: p.Frame, time: p.Time, ipLen: p.IPLen}
	if p.Flags&wire.RST != 0 {
		j.aborted(c, n, dir, p, o)
		return closing
	}
	w.ttl = p.TTL
	if p.Flags&wire.SYN != 0 {
		j.opened(c, dir, p, repeat, first, m)
	}
	end := p.Seq + p.PayloadLen
	if p.Flags&wire.FIN != 0 {
		end++
		if !w.fin {
			w.fin, w.finEnd = true, end
			m.kind = fact.MarkFIN
			c.note(m)
		}
	}
	if p.PayloadLen > 0 && first {
		j.carried(c, n, dir, view, p, data, o, repeat, end, m)
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
		if first && p.Has&decode.HasSACK != 0 && !after(p.SACKRight, p.Ack) {
			peer.dsack++
		}
		if p.Flags&wire.SYN == 0 {
			j.acknowledged(c, dir, p)
		}
	}
	if c.ways[0].fin && c.ways[1].fin && !after(c.ways[0].finEnd, c.ways[1].ack) && !after(c.ways[1].finEnd, c.ways[0].ack) {
		return closing
	}
	if c.class == closing && !c.reset.seen || c.established || c.midstream {
		return open
	}
	return c.class
}

// opened enters a SYN or SYN-ACK.
func (j *Joiner) opened(c *conn, dir fact.Direction, p *decode.Packet, repeat sight.Repeat, first bool, m mark) {
	w := &c.ways[dir]
	if p.Has&decode.HasMSS != 0 {
		// Clamping lowers it on the way: the sender's own is the first one seen.
		if w.mss == 0 {
			w.mss = p.MSS
		}
	}
	if p.Flags&wire.ACK != 0 {
		c.irs, c.hasIRS = p.Seq, true
		m.kind = fact.MarkSYNACK
		c.note(m)
		return
	}
	if dir == fact.ToClient { // simultaneous open
		return
	}
	if first {
		c.synTS, c.synID, c.synTime = p.TSVal, p.IPID, p.Time
		if c.firstSYN == 0 {
			c.firstSYN = p.Time
			m.kind = fact.MarkSYN
			c.note(m)
		} else {
			m.kind = fact.MarkSYNResend
			c.note(m)
		}
	}
}

// acknowledged enters an ACK that is no SYN-ACK.
func (j *Joiner) acknowledged(c *conn, dir fact.Direction, p *decode.Packet) {
	if c.established {
		return
	}
	switch {
	case c.midstream, dir == fact.ToServer && c.hasISN, dir == fact.ToClient && c.hasISN && p.PayloadLen > 0:
		c.established = true
		if c.hasIRS && c.firstSYN != 0 && dir == fact.ToServer {
			c.handshake = p.Time - c.firstSYN
		}
		if t := j.table.Leg(c.legs[0]).Tuple; true {
			server := endpoint{t.A, t.APort}
			if c.clientIsA&1 == 1 {
				server = endpoint{t.B, t.BPort}
			}
			j.known.accepts(server)
		}
	}
}

// carried enters data at its first sighting.
func (j *Joiner) carried(c *conn, n int, dir fact.Direction, view sight.ViewID, p *decode.Packet, data []byte, o sight.Origin, repeat sight.Repeat, end uint32, m mark) {
	w := &c.ways[dir]
	if p.IPLen > w.bigLen {
		w.bigLen, w.bigEnd = p.IPLen, end
	}
	switch repeat {
	case sight.Resend:
		m.kind = fact.MarkResend
		if view != 0 {
			if s := &j.table.View(view).Stall; s.Sends >= 3 {
				m.kind, m.count = fact.MarkStall, s.Sends
			}
		}
		c.note(m)
	case sight.New:
		m.kind = fact.MarkData
		c.note(m)
	}
	if c.dns {
		if w.dnsTop == 0 || p.Seq == w.dnsTop {
			j.dnsOverTCP(c, dir, p, data, o)
			w.dnsTop = end
		}
	}
}

// madeHere reports whether a packet at its first sighting leaves the node with a TTL that no router touched.
func madeHere(p *decode.Packet) bool {
	return p.Direction == decode.DirOut && (p.TTL == 64 || p.TTL == 128 || p.TTL == 255)
}

// aborted enters a RST. The first sighting of the first one is what counts.
func (j *Joiner) aborted(c *conn, n int, dir fact.Direction, p *decode.Packet, o sight.Origin) {
	r := &c.reset
	if r.seen {
		return
	}
	w, peer := &c.ways[dir], &c.ways[1-dir]
	*r = reset{
		seen: true, from: dir,
		byNode:      madeHere(p),
		bare:        p.Flags&wire.ACK == 0,
		answersAck:  peer.hasAck && p.Seq == peer.ack,
		inHandshake: dir == fact.ToClient && !c.established && c.hasISN && !w.fin,
		afterClose:  c.class == closing,
		ttl:         p.TTL, usualTTL: w.ttl, id: p.IPID,
		src: p.Src, srcPort: p.SrcPort, dst: p.Dst, dstPort: p.DstPort,
		time: p.Time, capture: o.Capture, frame: p.Frame,
	}
	c.note(mark{kind: fact.MarkReset, capture: o.Capture, frame: p.Frame, time: p.Time, ipLen: p.IPLen})
}
