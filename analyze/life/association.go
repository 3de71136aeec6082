package life

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// An SCTP association lives as a TCP connection does (RFC 9260, section 4): INIT is its SYN, INIT-ACK its SYN-ACK, COOKIE-ECHO what acknowledges
// that, SHUTDOWN its FIN, ABORT its RST. A TSN counts chunks of data and not bytes. NAT changes addresses, ports and the checksum, and leaves
// tags and TSNs alone.

// sctpBytes are a packet from its common header on, none where the capture does not have that.
func sctpBytes(p *decode.Packet, data []byte) wire.SCTP {
	from, to := int(p.Payload)-wire.SCTPLen, int(p.Payload)+int(p.PayloadCap)
	if p.Stop.Layer == decode.LayerSCTP || from < 0 || to > len(data) {
		return nil
	}
	return data[from:to]
}

// Greeting is what an INIT or INIT-ACK says. Nothing else is in its packet (RFC 9260, section 6.10).
type Greeting struct {
	// Client is the tag that the client chose: that of the INIT, which the INIT-ACK carries in its header.
	Client uint32
	// Reply says that it is an INIT-ACK.
	Reply bool
	// TSN is the sender's initial one, tag the one that it chose.
	TSN, tag uint32
}

// GreetingOf returns what a packet says if it is an INIT or INIT-ACK.
func GreetingOf(p *decode.Packet, data []byte) (g Greeting, ok bool) {
	b := sctpBytes(p, data)
	for x := range b.Chunks() {
		if t := x.Type(); t == wire.SCTPInit || t == wire.SCTPInitAck {
			g.tag, g.TSN, ok = x.Init()
			g.Client, g.Reply = g.tag, t == wire.SCTPInitAck
			if g.Reply {
				g.Client = b.Tag()
			}
		}
		break
	}
	return g, ok && g.Client != 0
}

// chunks enters a packet of an SCTP association and returns the class that it belongs to now.
func (ls *Lives) chunks(id ID, c *State, s *Sighting) Stage {
	if s.Repeat == sight.Loop {
		return c.Stage
	}
	w, peer := &c.ways[s.Dir], &c.ways[1-s.Dir]
	w.heard(s.Packet.Time, s.First)
	carried, echoed := false, false
	for x := range sctpBytes(s.Packet, s.Data).Chunks() {
		switch t := x.Type(); t {
		case wire.SCTPInit, wire.SCTPInitAck:
			if g, ok := GreetingOf(s.Packet, s.Data); ok && c.HasISN && c.ISN == g.Client {
				ls.greeted(c, s, g)
			}
		case wire.SCTPCookieEcho:
			echoed = true
			if c.handshake < 0 && c.firstSYN != 0 {
				c.handshake = s.Packet.Time - c.firstSYN
			}
		case wire.SCTPData, wire.SCTPIData:
			if tsn, ok := x.TSN(); ok && !carried {
				ls.sent(id, c, s, tsn)
			}
			if tsn, ok := x.TSN(); ok && (!w.hasTop || after(tsn+1, w.top)) {
				w.top, w.hasTop = tsn+1, true
			}
			carried = true
		case wire.SCTPSack, wire.SCTPShutdown:
			if tsn, ok := x.TSN(); ok && (!w.hasAck || after(tsn+1, w.ack)) {
				w.ack, w.hasAck = tsn+1, true
			}
			if t == wire.SCTPShutdown {
				c.shutDown(s)
			}
		case wire.SCTPShutdownAck:
			c.shutDown(s)
		case wire.SCTPAbort:
			if s.First {
				w.resets++
			}
			ls.discarded(id, c, s, x.Reflected())
			return Closing
		case wire.SCTPShutdownComplete:
			return Closing
		}
		// What only comes once the other side has taken the cookie. Its own cookie, the data with it, and an error about it may come before.
		switch t := x.Type(); {
		case t == wire.SCTPInit, t == wire.SCTPInitAck, t == wire.SCTPCookieEcho, t == wire.SCTPError, echoed:
		default:
			c.Established = true // both sides have the association
		}
	}
	switch {
	case c.Stage == Closing, w.fin && peer.fin:
		return Closing
	case c.Established, c.Midstream:
		return Open
	}
	return c.Stage
}

// greeted enters an INIT, or an INIT-ACK.
func (ls *Lives) greeted(c *State, s *Sighting, g Greeting) {
	if g.Reply != (s.Dir == fact.ToClient) { // both sides opened it at once (RFC 9260, section 5.2.1)
		return
	}
	p, w, peer := s.Packet, &c.ways[s.Dir], &c.ways[1-s.Dir]
	if s.First {
		w.syns += min(1, 1<<8-1-w.syns)
	}
	if !w.hasTop {
		w.top, w.hasTop = g.TSN, true
		peer.ack, peer.hasAck = g.TSN, true // nothing is owed yet
	}
	switch {
	case g.Reply:
		c.IRS, c.HasIRS = g.tag, true
		c.note(s.mark(fact.MarkSYNACK))
	case s.First:
		c.SYN.ID, c.SYN.Time = p.IPID, p.Time
		kind := fact.MarkSYNResend
		if c.firstSYN == 0 {
			c.firstSYN, kind = p.Time, fact.MarkSYN
		}
		c.note(s.mark(kind))
	}
}

// sent enters data; tsn is that of the first chunk in its packet.
func (ls *Lives) sent(id ID, c *State, s *Sighting, tsn uint32) {
	if !s.First {
		return
	}
	p, w := s.Packet, &c.ways[s.Dir]
	if !w.hasTop || !after(w.top, tsn) {
		w.fresh = p.Time
		if !c.carries {
			c.carries = true
			c.note(s.mark(fact.MarkData))
		}
		return
	}
	both := ls.unacked[id]
	if both == nil {
		both = new([2]sight.Stall)
		ls.unacked[id] = both
	}
	x := &both[s.Dir]
	if x.Sends == 0 || x.Seq != tsn {
		*x = sight.Stall{Seq: tsn, End: tsn + 1, IPLen: p.IPLen, Sends: 1, DF: p.Has&decode.HasDF != 0, First: p.Time, Second: p.Time}
		if w.fresh != 0 {
			x.First = w.fresh
		}
	}
	x.Sends++
	x.Last, x.IPLen = p.Time, min(x.IPLen, p.IPLen)
	m := s.mark(fact.MarkResend)
	if x.Sends >= hangSends {
		m = s.mark(fact.MarkStall)
		m.count = uint8(min(x.Sends, 255))
	}
	c.note(m)
}

// shutDown enters a SHUTDOWN or SHUTDOWN-ACK.
func (c *State) shutDown(s *Sighting) {
	if w := &c.ways[s.Dir]; !w.fin {
		w.fin, w.finEnd = true, w.top
		c.note(s.mark(fact.MarkFIN))
	}
}

// discarded enters an ABORT; reflected says that its sender knew no such association. Only the first sighting of the first one counts.
func (ls *Lives) discarded(id ID, c *State, s *Sighting, reflected bool) {
	if c.Reset {
		return
	}
	ls.aborted(id, c, s)
	r := ls.resets[id]
	r.bare, r.answersAck = reflected, reflected
}
