package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// witness marks what the place of a sighting shows: translation, encapsulation, loops, and replies that reach the
// client with the backend's address.
func (j *Joiner) witness(c *conn, n int, dir fact.Direction, p *decode.Packet, o sight.Origin, repeat sight.Repeat, first bool) {
	if first {
		j.Roles.Spoke(p, o.Node)
	}
	leg := j.table.Leg(c.legs[n])
	m := mark{capture: o.Capture, frame: p.Frame, time: p.Time, ipLen: p.IPLen}
	if n == 0 && leg.Frames == 1 && c.proto != fact.ICMP {
		c.dns = leg.APort == dnsPort || leg.BPort == dnsPort
	}
	if repeat == sight.Loop {
		m.kind, m.count = fact.MarkLoop, uint32(p.TTL)
		c.note(m)
		return
	}
	plain := p.Stack == 0 && p.Direction != decode.DirUnknown && !o.Mixed
	if n == 0 {
		if plain && !c.door.known && dir == fact.ToServer && p.Direction == decode.DirIn {
			c.door = door{capture: o.Series, iface: p.Interface, known: true}
		}
		return
	}
	translated := leg.Tuple != j.table.Leg(c.legs[0]).Tuple
	if leg.Frames == 1 {
		switch {
		case p.Stack != 0:
			m.kind = fact.MarkEncapsulated
			c.note(m)
		case translated:
			m.kind = fact.MarkTranslated
			c.note(m)
		}
	}
	if plain && translated && dir == fact.ToClient && p.Direction == decode.DirOut && c.door.known &&
		c.door.capture == o.Series && c.door.iface == p.Interface && j.isClientAddr(c, p.Dst) {
		c.untranslated = true
		m.kind = fact.MarkUntranslated
		c.note(m)
	}
}

// isClientAddr reports whether a is the client's own address.
func (j *Joiner) isClientAddr(c *conn, a wire.Addr) bool {
	client, _, _ := j.ends(c)
	return client.addr == a
}
