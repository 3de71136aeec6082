package life

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
func (ls *Lives) exchange(c *State, s *Sighting) {
	w, up := &c.ways[s.Dir], &c.ways[fact.ToServer]
	w.heard(s.Packet.Time, s.First)
	// Where the client's own interface is seen, a reply counts when it gets there, in the client's terms.
	if s.Dir == fact.ToClient && (!c.Ingress.known || !ls.translated(c, s.Leg)) {
		up.waiting = 0
	}
	if !s.First {
		return
	}
	kind := fact.MarkReply
	if s.Dir == fact.ToServer {
		if up.waiting == 0 {
			up.waitingSince = s.Packet.Time
		}
		up.waiting++
		kind = fact.MarkQuery
	}
	c.note(s.mark(kind))
	if c.Proto == fact.UDP && c.DNS && ls.sinks.DNS != nil {
		ls.sinks.DNS(ls.message(c, s, Payload(s.Packet, s.Data)))
	}
}

func (ls *Lives) message(c *State, s *Sighting, body []byte) Message {
	client, server, backend := ls.Ends(c)
	return Message{
		Time: s.Packet.Time, Ref: ref(s.Origin.Capture, s.Packet.Frame), Client: client, Server: server, Backend: backend,
		Response: s.Dir == fact.ToClient, Body: body,
	}
}

// Ends returns the client, what it called, and what that was translated to, as far as the legs show it.
func (ls *Lives) Ends(c *State) (client, called, backend Endpoint) {
	for i, l := range c.Legs() {
		t := ls.table.Leg(l).Tuple
		src, dst := Endpoint{t.A, t.APort}, Endpoint{t.B, t.BPort}
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
func (ls *Lives) dnsOverTCP(c *State, s *Sighting) {
	b := Payload(s.Packet, s.Data)
	if len(b) <= 2 || ls.sinks.DNS == nil {
		return
	}
	m := ls.message(c, s, nil)
	m.TCP = true
	for len(b) > 2 {
		n := int(binary.BigEndian.Uint16(b))
		b = b[2:]
		if n < dnsHeader {
			return
		}
		m.Body = b[:min(n, len(b))]
		if len(m.Body) >= dnsHeader {
			ls.sinks.DNS(m)
			if n < dnsHeader+leastQuestion && wire.DNS(m.Body).Questions() > 0 {
				return
			}
		}
		b = b[len(m.Body):]
	}
}
