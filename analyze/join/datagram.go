package join

import (
	"encoding/binary"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/wire"
)

// dnsPort is the port of DNS (RFC 1035, section 4.2), dnsHeader the length of a message's header in bytes (section 4.1.1).
const dnsPort, dnsHeader = 53, 12

// leastQuestion is the length of a question for the root: an empty name, type and class (RFC 1035, section 4.1.2).
const leastQuestion = 5

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
// each). A message that continues in the next segment is handed on as far as it goes. One that has no room for the question which it
// promises is none, and neither is what follows: a segment may have thousands of those.
func (j *Joiner) dnsOverTCP(c *conn, s *sighting) {
	b := payload(s.p, s.data)
	if len(b) <= 2 || j.sinks.DNS == nil {
		return
	}
	m := j.message(c, s, nil)
	m.TCP = true
	for len(b) > 2 {
		n := int(binary.BigEndian.Uint16(b))
		b = b[2:]
		if n < dnsHeader {
			return
		}
		m.Body = b[:min(n, len(b))]
		if len(m.Body) >= dnsHeader {
			j.sinks.DNS(m)
			if n < dnsHeader+leastQuestion && wire.DNS(m.Body).Questions() > 0 {
				return
			}
		}
		b = b[len(m.Body):]
	}
}
