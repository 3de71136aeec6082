package join

import (
	"encoding/binary"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// dnsPort is the port of DNS, RFC 1035, section 4.2.
const dnsPort = 53

// exchange enters a UDP datagram or an ICMP echo.
func (j *Joiner) exchange(c *conn, n int, dir fact.Direction, p *decode.Packet, data []byte, o sight.Origin, first bool) {
	w := &c.ways[dir]
	if !w.seen {
		w.seen, w.first = true, p.Time
	}
	w.last = max(w.last, p.Time)
	// Where the client's own interface is seen, a reply counts when it gets there, in the client's terms.
	if dir == fact.ToClient && (!c.door.known || n == 0 || j.table.Leg(c.legs[n]).Tuple == j.table.Leg(c.legs[0]).Tuple) {
		c.ways[fact.ToServer].waiting = 0
	}
	if !first {
		return
	}
	w.packets++
	m := mark{kind: fact.MarkReply, capture: o.Capture, frame: p.Frame, time: p.Time, ipLen: p.IPLen}
	if dir == fact.ToServer {
		if w.waiting == 0 {
			w.waitingSince = p.Time
		}
		w.waiting++
		m.kind = fact.MarkQuery
	}
	c.note(m)
	if c.proto == fact.UDP && c.dns && j.sinks.DNS != nil {
		j.sinks.DNS(j.message(c, dir, p, o, payload(p, data)))
	}
}

func (j *Joiner) message(c *conn, dir fact.Direction, p *decode.Packet, o sight.Origin, body []byte) Message {
	client, server, backend := j.ends(c)
	return Message{
		Time: p.Time, Ref: ref(o.Capture, p.Frame), Client: client, Server: server, Backend: backend,
		Response: dir == fact.ToClient, Body: body,
	}
}

// ends returns the client, what it called, and what that was translated to, as far as the legs show it.
func (j *Joiner) ends(c *conn) (client, called, backend endpoint) {
	for i, l := range c.legs[:c.nlegs] {
		t := j.table.Leg(l).Tuple
		src, dst := endpoint{t.A, t.APort}, endpoint{t.B, t.BPort}
		if c.clientIsA>>i&1 == 0 {
			src, dst = dst, src
		}
		if i == 0 {
			client, called = src, dst
		} else if dst != called {
			backend = dst
		}
	}
	return client, called, backend
}

// dnsOverTCP reads the messages at the beginning of a segment (RFC 1035, section 4.2.2: two bytes of length before
// each). A message that continues in the next segment is handed on as far as it goes.
func (j *Joiner) dnsOverTCP(c *conn, dir fact.Direction, p *decode.Packet, data []byte, o sight.Origin) {
	b := payload(p, data)
	for len(b) > 2 && j.sinks.DNS != nil {
		n := int(binary.BigEndian.Uint16(b))
		b = b[2:]
		if n < 12 {
			return
		}
		body := b[:min(n, len(b))]
		m := j.message(c, dir, p, o, body)
		m.TCP = true
		if len(body) >= 12 {
			j.sinks.DNS(m)
		}
		b = b[len(body):]
	}
}
