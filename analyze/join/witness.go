package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// witness marks what the place of a sighting shows: translation, encapsulation, loops, and replies that reach the
// client with the backend's address.
func (j *Joiner) witness(c *conn, s *sighting) {
	p := s.p
	if s.born && c.proto != fact.ICMP {
		if c.dns = c.dns || j.isDNS(c, s); c.dns {
			j.nameServer(s)
		}
	}
	if s.repeat == sight.Loop {
		m := s.mark(fact.MarkLoop)
		m.count = p.TTL
		c.note(m)
		return
	}
	plain := p.Stack == 0 && p.Direction != decode.DirUnknown && !s.origin.Mixed
	// The client's own machine may have been captured too, and then the first leg is there: a capture of another one shows the ingress interface.
	if here := s.ingress(); plain && here.known && !c.ingress.known && s.dir == fact.ToServer && !j.translated(c, s.leg) {
		c.ingress = here
	}
	if s.leg == 0 {
		return
	}
	switch {
	case !s.born:
	case p.Stack != 0:
		c.note(s.mark(fact.MarkEncapsulated))
	case j.translated(c, s.leg):
		c.note(s.mark(fact.MarkTranslated))
		if up := &c.ways[fact.ToServer]; s.dir == fact.ToServer {
			c.owed = 0
			if up.waiting > 1 { // others than this one
				c.owed = up.waitingSince
			}
		}
	}
	if plain && s.dir == fact.ToClient && p.Direction == decode.DirOut && c.ingress.known && c.ingress.capture == s.origin.Series &&
		c.ingress.iface == p.Interface && j.translated(c, s.leg) && j.isClientAddr(c, p.Dst) {
		c.stray = uint8(s.leg) + 1
		c.note(s.mark(fact.MarkUntranslated))
	}
}

// strayed reports whether a reply reached the client with another address than the one that it called; first is the leg of its own packets. Where
// the capture lost a SYN at the client's interface, a later leg seems to be the first one for a while, and the right reply to stray.
func (j *Joiner) strayed(c *conn, first *path) bool {
	return c.stray != 0 && j.table.Leg(c.legs[c.stray-1]).Tuple != first.tuple
}

// translated reports whether a leg of c has other addresses or ports than the client's own.
func (j *Joiner) translated(c *conn, leg int) bool {
	return j.table.Leg(c.legs[leg]).Tuple != j.table.Leg(c.legs[0]).Tuple
}

// isClientAddr reports whether a is the client's own address.
func (j *Joiner) isClientAddr(c *conn, a wire.Addr) bool {
	client, _, _ := j.ends(c)
	return client.addr == a
}
