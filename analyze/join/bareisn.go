package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// oneWay is how long a SYN without a timestamp may take from its first sighting to its last, in nanoseconds.
const oneWay = 10e6

// byBareISN decides whether a SYN or SYN-ACK without timestamps is of connection id, whose client took the same number, and of which other
// one if not. 32 bits are no identity: nmap and zmap give one number to all their SYNs. So the addresses have to fit as well: the very leg, in
// a tunnel or on another node; or one end of it, which NAT left alone, and the IP id, which it leaves alone, too.
func (j *Joiner) byBareISN(id life.ID, p *decode.Packet, o *sight.Origin) life.ID {
	tuple, _ := sight.TupleOf(p)
	c := j.conn(id)
	if same := j.latest(&tuple); same != 0 {
		if x := j.conn(same); x.HasISN && x.ISN == c.ISN {
			return same
		}
	}
	reply := p.Flags&wire.ACK != 0
	dir := fact.ToServer
	if reply {
		dir = fact.ToClient
	}
	numbered := !reply && p.IPID != 0 && c.SYN.ID != 0 && p.Network == decode.NetIPv4
	soon := p.Time-c.SYN.Time < oneWay
	switch {
	case numbered && p.IPID != c.SYN.ID, j.elsewhereCalled(c, p, o, dir):
		return 0
	case j.sharesEndpoint(c, p):
		if numbered || reply || soon {
			return id
		}
	// Both ends translated at once: it must be the very packet, a hop farther on. Scanners and generators use one IP id, too.
	case numbered && soon && (p.TTL < c.TTL || c.Ingress.Known() && p.Direction == decode.DirOut):
		return id
	}
	return 0
}

// elsewhereCalled reports whether a connection was seen in the place where its SYN or SYN-ACK is, with other addresses: a packet passes a place
// once, and the same SYN to two destinations there is two. What comes around in a circle whose router masquerades has its destination, and a
// lower TTL.
func (j *Joiner) elsewhereCalled(c *conn, p *decode.Packet, o *sight.Origin, dir fact.Direction) bool {
	if o.Mixed || p.Direction == decode.DirUnknown { // neither tells places apart
		return false
	}
	tuple, forward := sight.TupleOf(p)
	for i, l := range c.Legs() {
		leg := j.table.Leg(l)
		if leg.Tuple == tuple {
			continue
		}
		for id := leg.Views; id != 0; {
			v := j.table.View(id)
			id = v.Link
			if v.Interface != p.Interface || v.Capture != o.Series || v.Direction != p.Direction || c.Side(i, v.Forward) != dir {
				continue
			}
			to, other := life.EndsOf(&tuple)
			seenTo, seenOther := life.EndsOf(&leg.Tuple)
			if forward {
				to = other
			}
			if v.Forward {
				seenTo = seenOther
			}
			if to != seenTo || p.TTL >= v.TTL {
				return true
			}
		}
	}
	return false
}

// sharesEndpoint reports whether one end of the packet, address and port, is one of a leg of c.
func (j *Joiner) sharesEndpoint(c *conn, p *decode.Packet) bool {
	for _, l := range c.Legs() {
		t := j.table.Leg(l).Tuple
		a, b := life.EndsOf(&t)
		src, dst := life.Source(p), life.Destination(p)
		if a == src || a == dst || b == src || b == dst {
			return true
		}
	}
	return false
}
