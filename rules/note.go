package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// note describes a marked frame.
func note(c *fact.Connection, m fact.Mark) string {
	switch m.Kind {
	case fact.MarkSYN:
		return fmt.Sprintf("%s of %s to %s", c.Proto.Terms().Open, end(c, c.Client), end(c, serverIn(c, m)))
	case fact.MarkSYNResend:
		return fmt.Sprintf("the %s again", c.Proto.Terms().Open)
	case fact.MarkSYNACK:
		return c.Proto.Terms().Accept
	case fact.MarkTranslated:
		return translation(c, m)
	case fact.MarkEncapsulated:
		return "in the tunnel"
	case fact.MarkResend:
		return fmt.Sprintf("%d-byte packet sent again", m.IPLen)
	case fact.MarkStall:
		return fmt.Sprintf("%d-byte packet, transmission %d", m.IPLen, m.Count)
	case fact.MarkReset:
		return c.Proto.Terms().Abort
	case fact.MarkICMP:
		return "ICMP error about it"
	case fact.MarkFIN:
		return c.Proto.Terms().Shut
	case fact.MarkUntranslated:
		return fmt.Sprintf("reply reaches the client with source %s", end(c, serverIn(c, m)))
	case fact.MarkLoop:
		return fmt.Sprintf("the same packet again, TTL %d", m.Count)
	case fact.MarkQuery:
		if c.Proto == fact.ICMP {
			return fmt.Sprintf("echo request to %s", end(c, serverIn(c, m)))
		}
		return fmt.Sprintf("request to %s", end(c, serverIn(c, m)))
	case fact.MarkReply:
		return "reply"
	case fact.MarkShut:
		return "the receive window is closed, or opened again"
	case fact.MarkCorrupt:
		return "comes in by the tunnel, with a wrong outer UDP checksum"
	case fact.MarkData:
		return "data"
	case fact.MarkInitiation:
		return "handshake initiation of WireGuard"
	case fact.MarkFragment:
		return fmt.Sprintf("first fragment of a datagram, %d bytes", m.IPLen)
	}
	return ""
}

// serverIn returns the server's end in a marked frame: the Service, or the backend where the frame is translated.
func serverIn(c *fact.Connection, m fact.Mark) netip.AddrPort {
	if m.Leg < 0 || m.Leg >= len(c.Legs) {
		return c.Called
	}
	return c.Legs[m.Leg].Dst
}

// translation says what is translated in a marked frame. A leg that was seen first is not always the client's: captures of two
// nodes may begin with either side.
func translation(c *fact.Connection, m fact.Mark) string {
	if m.Leg < 0 || m.Leg >= len(c.Legs) {
		return "translated"
	}
	l := &c.Legs[m.Leg]
	to, from := l.Dst != c.Called, l.Src != c.Client
	switch {
	case to && m.Flow == fact.ToClient:
		return fmt.Sprintf("reply of %s, not translated back yet", end(c, l.Dst))
	case to && from:
		return fmt.Sprintf("translated to %s, and its source to %s", end(c, l.Dst), end(c, l.Src))
	case to:
		return fmt.Sprintf("translated to %s", end(c, l.Dst))
	case from && m.Flow == fact.ToClient:
		return fmt.Sprintf("reply to the translated source %s", end(c, l.Src))
	case from:
		return fmt.Sprintf("source translated to %s", end(c, l.Src))
	case m.Flow == fact.ToClient:
		return fmt.Sprintf("reply of %s", end(c, l.Dst))
	}
	return fmt.Sprintf("as the client sent it, to %s", end(c, l.Dst))
}

// end names one end of a connection. What stands for a port in one of ICMP is the echo's identifier, which is none.
func end(c *fact.Connection, a netip.AddrPort) string {
	if c.Proto == fact.ICMP {
		return addr(a.Addr())
	}
	return addrPort(a)
}
