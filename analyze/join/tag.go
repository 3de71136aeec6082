package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// byTag finds the association of an INIT or INIT-ACK by the client's tag. As with a TCP SYN without timestamps (see byBareISN) the addresses
// have to fit as well, and an INIT to another address of the same peer is one of another path.
func (j *Joiner) byTag(g life.Greeting, p *decode.Packet, o *sight.Origin) life.ID {
	id := j.tags[g.Client]
	if id == 0 {
		return 0
	}
	c := j.conn(id)
	tuple, _ := sight.TupleOf(p)
	if same := j.latest(&tuple); same != 0 {
		if x := j.conn(same); x.Proto == fact.SCTP && x.HasISN && x.ISN == g.Client {
			return same
		}
	}
	dir := fact.ToServer
	if g.Reply {
		dir = fact.ToClient
	}
	top, _ := c.Top(dir)
	soon := p.Time-c.SYN.Time < oneWay
	switch {
	case j.elsewhereCalled(c, p, o, dir):
		return 0
	case g.Reply:
		if j.sharesEndpoint(c, p) {
			return id
		}
	case p.IPID != 0 && c.SYN.ID != 0 && p.Network == decode.NetIPv4 && p.IPID != c.SYN.ID:
		return 0
	case soon && j.sharesEndpoint(c, p):
		return id
	case soon && top == g.TSN && (p.TTL < c.TTL || c.Ingress.Known() && p.Direction == decode.DirOut):
		return id // both ends translated at once
	}
	return 0
}

// greet gives a new association the tag of its client.
func (j *Joiner) greet(id life.ID, g life.Greeting) {
	c := j.conn(id)
	c.ISN, c.HasISN = g.Client, true
	j.tags[g.Client] = id
}

// reassociates reports whether an INIT or INIT-ACK on a leg of connection id begins another association: both ends often use fixed ports.
func (j *Joiner) reassociates(id life.ID, p *decode.Packet, data []byte, o *sight.Origin) bool {
	g, ok := life.GreetingOf(p, data)
	c := j.conn(id)
	if !ok || c.HasISN && c.ISN == g.Client {
		return false
	}
	if g.Reply {
		if c.hasNewISN && g.Client == c.newISN {
			return true
		}
		other := j.byTag(g, p, o) // its INIT was seen elsewhere only
		return other != 0 && other != id
	}
	switch {
	case j.simultaneous(c, p): // RFC 9260, section 5.2.1
		return false
	case c.Stage == life.Closing, !c.Established && (c.HasISN || c.Reset):
		return true
	case c.hasNewISN && c.newISN == g.Client && p.Time-c.SYN.Time > life.SYNAgain:
		return true // the peer of an association that was alive does not answer its restart (section 5.2.2)
	case !c.hasNewISN || c.newISN != g.Client:
		c.newISN, c.hasNewISN, c.SYN.Time = g.Client, true, p.Time
	}
	return false
}
