package decode

import "github.com/netsift/netsift/decode/wire"

// byProtocol goes into what walk.protocol announces, behind an IP header or one of its extensions.
func (w *walk) byProtocol(p *Packet) layer {
	p.Proto = w.protocol
	switch w.protocol {
	case wire.ProtoTCP:
		return w.tcp(p)
	case wire.ProtoUDP:
		return w.udp(p)
	case wire.ProtoICMP:
		return w.icmp(p)
	case wire.ProtoICMPv6:
		return w.icmpv6(p)
	case wire.ProtoSCTP:
		return w.sctp(p)
	case wire.ProtoIPv4:
		return w.carry(p, Encap4in4, Encap4in6, atIP)
	case wire.ProtoIPv6:
		return w.carry(p, Encap6in4, Encap6in6, atIPv6)
	case wire.ProtoGRE:
		return w.gre(p)
	case wire.ProtoAH:
		return w.ah(p)
	case wire.ProtoHopByHop, wire.ProtoRouting, wire.ProtoDestination, wire.ProtoMobility, wire.ProtoHIP, wire.ProtoShim6:
		if p.Network == NetIPv6 {
			return w.extension(p)
		}
	case wire.ProtoFragment:
		if p.Network == NetIPv6 {
			return w.fragment(p)
		}
	}
	return atEnd
}

// carry goes into an IP packet directly inside another one; in4 and in6 are the kinds by the outer version.
func (w *walk) carry(p *Packet, in4, in6 EncapKind, inner layer) layer {
	kind, l := in4, LayerIPv4
	if p.Network == NetIPv6 {
		kind, l = in6, LayerIPv6
	}
	if !w.enter(p, kind, 0, 0) {
		return w.stop(p, StopDepth, l, 0)
	}
	return inner
}

// ah steps over an authentication header.
func (w *walk) ah(p *Packet) layer {
	b := wire.AH(w.rest())
	if !b.Valid() {
		return w.short(p, LayerAH, wire.AHLen)
	}
	n := b.HeaderLen()
	if n < wire.AHLen {
		return w.stop(p, StopLength, LayerAH, wire.AHLen)
	}
	if len(b) < n {
		return w.short(p, LayerAH, n)
	}
	w.off += n
	w.protocol = b.NextHeader()
	return atProtocol
}
