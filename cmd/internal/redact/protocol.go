package redact

import "github.com/netsift/netsift/decode/wire"

// byProtocol goes into what rewrite.protocol announces, behind an IP header or one of its extensions.
func byProtocol(w *rewrite) step {
	switch w.protocol {
	case wire.ProtoTCP:
		return tcp
	case wire.ProtoUDP:
		return udp
	case wire.ProtoICMP:
		return icmp
	case wire.ProtoICMPv6:
		return icmpv6
	case wire.ProtoSCTP:
		return sctp
	case wire.ProtoIPv4:
		return w.carry(ip)
	case wire.ProtoIPv6:
		return w.carry(ipv6)
	case wire.ProtoGRE:
		return gre
	case wire.ProtoAH:
		return ah
	}
	if w.ip.v6 {
		return w.extension()
	}
	return nil
}

// carry goes into an IP packet directly inside another one.
func (w *rewrite) carry(inner step) step {
	if len(w.out) >= w.end || !w.enter() {
		return nil
	}
	return inner
}

// ah keeps an authentication header without its proof, which would be wrong, and which a guess could be held against.
func ah(w *rewrite) step {
	b := wire.AH(w.rest())
	if !b.Valid() || b.HeaderLen() < wire.AHLen || len(b) < b.HeaderLen() {
		return nil
	}
	w.keep(wire.AHLen)
	w.blank(b.HeaderLen() - wire.AHLen)
	w.protocol = b.NextHeader()
	return byProtocol
}
