package life

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// witness marks what the place of a sighting shows: translation, encapsulation, loops, and replies that reach the
// client with the backend's address.
func (ls *Lives) witness(c *State, s *Sighting) {
	p := s.Packet
	if s.Repeat == sight.Loop {
		m := s.mark(fact.MarkLoop)
		m.count = p.TTL
		c.note(m)
		return
	}
	plain := p.Stack == 0 && p.Direction != decode.DirUnknown && !s.Origin.Mixed
	// The client's own machine may have been captured too, and then the first leg is there: a capture of another one shows the ingress interface.
	if here := s.Ingress(); plain && here.known && !c.Ingress.known && s.Dir == fact.ToServer && !ls.translated(c, s.Leg) {
		c.Ingress = here
	}
	if s.Leg == 0 {
		return
	}
	switch {
	case !s.Born:
	case p.Stack != 0:
		c.note(s.mark(fact.MarkEncapsulated))
	case ls.translated(c, s.Leg):
		c.note(s.mark(fact.MarkTranslated))
		if up := &c.ways[fact.ToServer]; s.Dir == fact.ToServer {
			c.owed = 0
			if up.waiting > 1 { // others than this one
				c.owed = up.waitingSince
			}
		}
	}
	if plain && s.Dir == fact.ToClient && p.Direction == decode.DirOut && c.Ingress.known && c.Ingress.capture == s.Origin.Series &&
		c.Ingress.iface == p.Interface && ls.translated(c, s.Leg) && ls.isClientAddr(c, p.Dst) {
		c.stray = uint8(s.Leg) + 1
		c.note(s.mark(fact.MarkUntranslated))
	}
}

// strayed reports whether a reply reached the client with another address than the one that it called; first is the leg of its own packets. Where
// the capture lost a SYN at the client's interface, a later leg seems to be the first one for a while, and the right reply to stray.
func (ls *Lives) strayed(c *State, first *path) bool {
	return c.stray != 0 && ls.table.Leg(c.legs[c.stray-1]).Tuple != first.tuple
}

// translated reports whether a leg of c has other addresses or ports than the client's own.
func (ls *Lives) translated(c *State, leg int) bool {
	return ls.table.Leg(c.legs[leg]).Tuple != ls.table.Leg(c.legs[0]).Tuple
}

// isClientAddr reports whether a is the client's own address.
func (ls *Lives) isClientAddr(c *State, a wire.Addr) bool {
	client, _, _ := ls.Ends(c)
	return client.Addr == a
}
