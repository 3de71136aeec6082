package join

import (
	"encoding/binary"

	"github.com/netsift/netsift/analyze/fact"
)

// dnsPort is the port of DNS (RFC 1035, section 4.2), dnsHeader the length of a message's header in bytes (section 4.1.1).
const dnsPort, dnsHeader = 53, 12

// exchange enters a UDP datagram or an ICMP echo.
func (j *Joiner) exchange(c *conn, s *sighting) {
	w, up := &c.ways[s.dir], &c.ways[fact.ToServer]
	w.heard(s.p.Time, s.first)
	// Where the client's own interface is seen, a reply counts when it gets there, in the client's terms.
	if s.dir == fact.ToClient && (!c.ingress.known || !j.translated(c, s.leg)) {
		up.waiting = 0
	}
	if !s.first {
		return
	}
	kind := fact.MarkReply
	if s.dir == fact.ToServer {
		if up.waiting == 0 {
			up.waitingSince = s.p.Time
		}
		up.waiting++
		kind = fact.MarkQuery
	}
	c.note(s.mark(kind))
	if c.proto == fact.UDP && c.dns && j.sinks.DNS != nil {
		j.sinks.DNS(j.message(c, s, payload(s.p, s.data)))
	}
}

func (j *Joiner) message(c *conn, s *sighting, body []byte) Message {
	client, server, backend := j.ends(c)
	return Message{
		Time: s.p.Time, Ref: ref(s.origin.Capture, s.p.Frame), Client: client, Server: server, Backend: backend,
		Response: s.dir == fact.ToClient, Body: body,
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
func (j *Joiner) dnsOverTCP(c *conn, s *sighting) {
	b := payload(s.p, s.data)
	for len(b) > 2 && j.sinks.DNS != nil {
		n := int(binary.BigEndian.Uint16(b))
		b = b[2:]
		if n < dnsHeader {
			return
		}
		body := b[:min(n, len(b))]
		if m := j.message(c, s, body); len(body) >= dnsHeader {
			m.TCP = true
			j.sinks.DNS(m)
		}
		b = b[len(body):]
	}
}
