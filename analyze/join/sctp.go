package join

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

// greeting is what an INIT or INIT-ACK says. Nothing else is in its packet (RFC 9260, section 6.10).
type greeting struct {
	// client is the tag that the client chose: that of the INIT, which the INIT-ACK carries in its header.
	client uint32
	reply  bool
	// tsn is the sender's initial one, tag the one that it chose.
	tag, tsn uint32
}

// greetingOf returns what a packet says if it is an INIT or INIT-ACK.
func greetingOf(p *decode.Packet, data []byte) (g greeting, ok bool) {
	b := sctpBytes(p, data)
	for x := range b.Chunks() {
		if t := x.Type(); t == wire.SCTPInit || t == wire.SCTPInitAck {
			g.tag, g.tsn, ok = x.Init()
			g.client, g.reply = g.tag, t == wire.SCTPInitAck
			if g.reply {
				g.client = b.Tag()
			}
		}
		break
	}
	return g, ok && g.client != 0
}

// byTag finds the association of an INIT or INIT-ACK by the client's tag. As with a TCP SYN without timestamps (see byBareISN) the addresses
// have to fit as well, and an INIT to another address of the same peer is one of another path.
func (j *Joiner) byTag(g greeting, p *decode.Packet, o *sight.Origin) connID {
	id := j.tags[g.client]
	if id == 0 {
		return 0
	}
	c := j.conn(id)
	tuple, _ := sight.TupleOf(p)
	if same := j.latest(&tuple); same != 0 {
		if x := j.conn(same); x.proto == fact.SCTP && x.hasISN && x.isn == g.client {
			return same
		}
	}
	dir := fact.ToServer
	if g.reply {
		dir = fact.ToClient
	}
	soon := p.Time-c.synTime < oneWay
	switch {
	case j.elsewhereCalled(c, p, o, dir):
		return 0
	case g.reply:
		if j.sharesEndpoint(c, p) {
			return id
		}
	case p.IPID != 0 && c.synID != 0 && p.Network == decode.NetIPv4 && p.IPID != c.synID:
		return 0
	case soon && j.sharesEndpoint(c, p):
		return id
	case soon && c.ways[dir].top == g.tsn && (p.TTL < c.ttl || c.ingress.known && p.Direction == decode.DirOut):
		return id // both ends translated at once
	}
	return 0
}

// greet gives a new association the tag of its client.
func (j *Joiner) greet(id connID, g greeting) {
	c := j.conn(id)
	c.isn, c.hasISN = g.client, true
	j.tags[g.client] = id
}

// reassociates reports whether an INIT or INIT-ACK on a leg of connection id begins another association: both ends often use fixed ports.
func (j *Joiner) reassociates(id connID, p *decode.Packet, data []byte, o *sight.Origin) bool {
	g, ok := greetingOf(p, data)
	c := j.conn(id)
	if !ok || c.hasISN && c.isn == g.client {
		return false
	}
	if g.reply {
		if c.hasNewISN && g.client == c.newISN {
			return true
		}
		other := j.byTag(g, p, o) // its INIT was seen elsewhere only
		return other != 0 && other != id
	}
	switch {
	case j.simultaneous(c, p): // RFC 9260, section 5.2.1
		return false
	case c.class == closing, !c.established && (c.hasISN || c.reset):
		return true
	case c.hasNewISN && c.newISN == g.client && p.Time-c.synTime > soonAgainSYN:
		return true // the peer of an association that was alive does not answer its restart (section 5.2.2)
	case !c.hasNewISN || c.newISN != g.client:
		c.newISN, c.hasNewISN, c.synTime = g.client, true, p.Time
	}
	return false
}

// chunks enters a packet of an SCTP association and returns the class that it belongs to now.
func (j *Joiner) chunks(id connID, c *conn, s *sighting) class {
	if s.repeat == sight.Loop {
		return c.class
	}
	w, peer := &c.ways[s.dir], &c.ways[1-s.dir]
	w.heard(s.p.Time, s.first)
	carried, echoed := false, false
	for x := range sctpBytes(s.p, s.data).Chunks() {
		switch t := x.Type(); t {
		case wire.SCTPInit, wire.SCTPInitAck:
			if g, ok := greetingOf(s.p, s.data); ok && c.hasISN && c.isn == g.client {
				j.greeted(c, s, g)
			}
		case wire.SCTPCookieEcho:
			echoed = true
			if c.handshake < 0 && c.firstSYN != 0 {
				c.handshake = s.p.Time - c.firstSYN
			}
		case wire.SCTPData, wire.SCTPIData:
			if tsn, ok := x.TSN(); ok && !carried {
				j.sent(id, c, s, tsn)
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
				j.closing(c, s)
			}
		case wire.SCTPShutdownAck:
			j.closing(c, s)
		case wire.SCTPAbort:
			if s.first {
				w.resets++
			}
			j.discarded(id, c, s, x.Reflected())
			return closing
		case wire.SCTPShutdownComplete:
			return closing
		}
		// What only comes once the other side has taken the cookie. Its own cookie, the data with it, and an error about it may come before.
		switch t := x.Type(); {
		case t == wire.SCTPInit, t == wire.SCTPInitAck, t == wire.SCTPCookieEcho, t == wire.SCTPError, echoed:
		default:
			j.associated(c)
		}
	}
	switch {
	case c.class == closing, w.fin && peer.fin:
		return closing
	case c.established, c.midstream:
		return open
	}
	return c.class
}

// greeted enters an INIT, or an INIT-ACK.
func (j *Joiner) greeted(c *conn, s *sighting, g greeting) {
	if g.reply != (s.dir == fact.ToClient) { // both sides opened it at once (RFC 9260, section 5.2.1)
		return
	}
	p, w, peer := s.p, &c.ways[s.dir], &c.ways[1-s.dir]
	if s.first {
		w.syns += min(1, 1<<8-1-w.syns)
	}
	if !w.hasTop {
		w.top, w.hasTop = g.tsn, true
		peer.ack, peer.hasAck = g.tsn, true // nothing is owed yet
	}
	switch {
	case g.reply:
		c.irs, c.hasIRS = g.tag, true
		c.note(s.mark(fact.MarkSYNACK))
	case s.first:
		c.synID, c.synTime = p.IPID, p.Time
		kind := fact.MarkSYNResend
		if c.firstSYN == 0 {
			c.firstSYN, kind = p.Time, fact.MarkSYN
		}
		c.note(s.mark(kind))
	}
}

// associated enters that both sides have the association.
func (j *Joiner) associated(c *conn) {
	if c.established {
		return
	}
	c.established = true
	if _, called, _ := j.ends(c); !c.midstream && len(j.servers) < maxServers {
		j.servers[called] = true
	}
}

// sent enters data; tsn is that of the first chunk in its packet.
func (j *Joiner) sent(id connID, c *conn, s *sighting, tsn uint32) {
	if !s.first {
		return
	}
	p, w := s.p, &c.ways[s.dir]
	if !w.hasTop || !after(w.top, tsn) {
		w.fresh = p.Time
		if !c.carries {
			c.carries = true
			c.note(s.mark(fact.MarkData))
		}
		return
	}
	both := j.unacked[id]
	if both == nil {
		both = new([2]sight.Stall)
		j.unacked[id] = both
	}
	x := &both[s.dir]
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

// closing enters a SHUTDOWN or SHUTDOWN-ACK.
func (j *Joiner) closing(c *conn, s *sighting) {
	if w := &c.ways[s.dir]; !w.fin {
		w.fin, w.finEnd = true, w.top
		c.note(s.mark(fact.MarkFIN))
	}
}

// discarded enters an ABORT; reflected says that its sender knew no such association. Only the first sighting of the first one counts.
func (j *Joiner) discarded(id connID, c *conn, s *sighting, reflected bool) {
	if c.reset {
		return
	}
	j.aborted(id, c, s)
	r := j.resets[id]
	r.bare, r.answersAck = reflected, reflected
}
