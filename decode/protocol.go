package decode

import "github.com/netsift/netsift/decode/wire"

// byProtocol goes into what dissection.protocol announces, behind an IP header or one of its extensions.
func (d *dissection) byProtocol(p *Packet) layer {
	p.Proto = d.protocol
	switch d.protocol {
	case wire.ProtoTCP:
		return d.tcp(p)
	case wire.ProtoUDP:
		return d.udp(p)
	case wire.ProtoICMP:
		return d.icmp(p)
	case wire.ProtoICMPv6:
		return d.icmpv6(p)
	case wire.ProtoSCTP:
		return d.sctp(p)
	case wire.ProtoIPv4:
		return d.carry(p, atIP)
	case wire.ProtoIPv6:
		return d.carry(p, atIPv6)
	case wire.ProtoGRE:
		return d.gre(p)
	case wire.ProtoAH:
		return d.ah(p)
	case wire.ProtoHopByHop, wire.ProtoRouting, wire.ProtoDestination, wire.ProtoMobility, wire.ProtoHIP, wire.ProtoShim6:
		if p.Network == NetIPv6 {
			return d.extension(p)
		}
	case wire.ProtoFragment:
		if p.Network == NetIPv6 {
			return d.fragment(p)
		}
	}
	return atEnd
}

// carry goes into an IP packet directly inside another one; inner is what the protocol number announces.
//
// If nothing at all follows on the wire, there is no tunnel. After protocol 4 both versions are seen, so the inner header's
// decides. A header announced as IPv6 that is not is no packet. Both are as tshark has it.
func (d *dissection) carry(p *Packet, inner layer) layer {
	if d.off >= d.end {
		return atEnd
	}
	version := uint8(4)
	if inner == atIPv6 {
		version = 6
	}
	if b := d.rest(); len(b) > 0 && wire.IPv4(b).Version() != version {
		if inner == atIPv6 {
			return d.stop(p, StopVersion, LayerIPv6, wire.IPv6Len)
		}
		if wire.IPv4(b).Version() == 6 {
			version = 6
		}
	}
	if !d.enter(p, carried(version, p.Network), 0, 0) {
		return d.stop(p, StopDepth, LayerIPv4, 0)
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
func (d *dissection) ah(p *Packet) layer {
	b := wire.AH(d.rest())
	if !b.Valid() {
		return d.short(p, LayerAH, wire.AHLen)
	}
	n := b.HeaderLen()
	if n < wire.AHLen {
		return d.stop(p, StopLength, LayerAH, wire.AHLen)
	}
	if len(b) < n {
		return d.short(p, LayerAH, n)
	}
	d.off += n
	d.protocol = b.NextHeader()
	return atProtocol
}
