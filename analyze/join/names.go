package join

import (
	"encoding/binary"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

const (
	// dnsPort is the port of DNS (RFC 1035, section 4.2).
	dnsPort = 53
	// netbiosPort, mdnsPort and llmnrPort are those of protocols that have DNS's form and are none: nobody waits for one server's answer
	// (RFC 1002, section 4.2; RFC 6762; RFC 4795).
	netbiosPort, mdnsPort, llmnrPort = 137, 5353, 5355
	// typeOPT is the record type that carries EDNS (RFC 6891, section 6.1.2), typeANY the largest one that programs ask for.
	typeOPT, typeANY = 41, 257
	// reserved are the bits of a DNS header that nobody sets in a query: an answer's, and the one that must be zero (RFC 1035, section
	// 4.1.1). AD and CD may be set (RFC 6840, section 5.7).
	reserved = 0xfecf
	// maxNameServers bounds the endpoints that are remembered for being asked.
	maxNameServers = 1 << 12
)

// isDNS reports whether a new leg shows its connection to be DNS: by its port, or by an endpoint that others asked. Over UDP a first
// datagram tells it, too, wherever it goes: a NodePort, a Service of any port, a pod that listens on 5353.
func (j *Joiner) isDNS(c *conn, s *life.Sighting) bool {
	p := s.Packet
	if p.SrcPort == dnsPort || p.DstPort == dnsPort {
		return true
	}
	asks := s.Dir == fact.ToServer && c.Proto == fact.UDP && len(c.Legs()) == 1 && asksName(p, s.Data)
	if len(j.nameServers) > 0 && !asks {
		return j.nameServers[serverOf(s)]
	}
	return asks
}

// nameServer remembers the server's end of a leg of a DNS connection.
func (j *Joiner) nameServer(s *life.Sighting) {
	if to := serverOf(s); to.Port != dnsPort && len(j.nameServers) < maxNameServers {
		j.nameServers[to] = true
	}
}

// serverOf returns the server's end of a packet.
func serverOf(s *life.Sighting) life.Endpoint {
	if s.Dir == fact.ToClient {
		return life.Source(s.Packet)
	}
	return life.Destination(s.Packet)
}

// asksName reports whether a datagram is a DNS query and can be nothing else: to one machine, a header of which only the id is free, one
// question in the Internet's class for a name of letters, and behind it nothing, or one OPT record. That are 90 bits that other
// protocols would have to have by chance.
func asksName(p *decode.Packet, data []byte) bool {
	if p.Dst.Netip().IsMulticast() || p.DstPort == netbiosPort || p.DstPort == llmnrPort || p.SrcPort == mdnsPort {
		return false
	}
	b := life.Payload(p, data)
	h := wire.DNS(b)
	if !h.Valid() || uint16(h.Flags())&reserved != 0 || h.Questions() != 1 || h.Answers() != 0 || h.Authorities() != 0 || h.Additionals() > 1 {
		return false
	}
	at := wire.DNSLen
	for at < len(b) && b[at] != 0 {
		n := int(b[at])
		if n > 63 || at+1+n >= len(b) || at+n > wire.DNSLen+254 { // RFC 1035, section 2.3.4
			return false
		}
		for _, x := range b[at+1 : at+1+n] {
			if x <= ' ' || x > '~' {
				return false
			}
		}
		at += 1 + n
	}
	if at == wire.DNSLen || at+5 > len(b) {
		return false
	}
	if t := binary.BigEndian.Uint16(b[at+1:]); t == 0 || t > typeANY || binary.BigEndian.Uint16(b[at+3:]) != 1 {
		return false
	}
	switch rest := b[at+5:]; {
	case h.Additionals() == 0:
		return len(rest) == 0
	case len(rest) >= 3:
		return rest[0] == 0 && binary.BigEndian.Uint16(rest[1:]) == typeOPT
	}
	return p.PayloadCap < p.PayloadLen
}
