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
		return w.carry(p, atIP)
	case wire.ProtoIPv6:
		return w.carry(p, atIPv6)
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

// carry goes into an IP packet directly inside another one; inner is what the protocol number announces.
//
// Where nothing at all follows on the wire there is no tunnel. The version of the inner header decides its kind, as after
// protocol 4 both are seen; but what is announced as IPv6 and is not, is no packet. Both are as tshark has it.
func (w *walk) carry(p *Packet, inner layer) layer {
	if w.off >= w.end {
		return atEnd
	}
	version := uint8(4)
	if inner == atIPv6 {
		version = 6
	}
	if b := w.rest(); len(b) > 0 && wire.IPv4(b).Version() != version {
		if inner == atIPv6 {
			return w.stop(p, StopVersion, LayerIPv6, wire.IPv6Len)
		}
		if wire.IPv4(b).Version() == 6 {
			version = 6
		}
	}
	if !w.enter(p, carried(version, p.Network), 0, 0) {
		return w.stop(p, StopDepth, LayerIPv4, 0)
	}
	return inner
}

func carried(version uint8, in Network) EncapKind {
	switch {
	case version == 4 && in == NetIPv4:
		return Encap4in4
	case version == 6 && in == NetIPv4:
		return Encap6in4
	case version == 4:
		return Encap4in6
	}
	return Encap6in6
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
