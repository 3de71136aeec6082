package decode

import "github.com/netsift/netsift/decode/wire"

func (d *dissection) ipv6(p *Packet) layer {
	b := wire.IPv6(d.rest())
	if len(b) > 0 && b.Version() != 6 {
		return d.stop(p, StopVersion, LayerIPv6, wire.IPv6Len)
	}
	if !b.Valid() {
		return d.short(p, LayerIPv6, wire.IPv6Len)
	}
	has := HasDF
	total := wire.IPv6Len + b.PayloadLen()
	if b.PayloadLen() == 0 {
		if n := d.bigLen(b); n != 0 {
			total, has = n, HasDF|HasSegmentation
		}
	}
	p.Network = NetIPv6
	p.Src, p.Dst = b.Src(), b.Dst()
	p.IPID, p.FragOffset = 0, 0
	d.header(p, total, b.HopLimit(), b.NextHeader(), has)
	d.off += wire.IPv6Len
	return d.byProtocol(p)
}

// bigLen returns the length of an IPv6 packet whose payload length is 0. A jumbo option (RFC 2675) holds it; Linux's BIG
// TCP omits the option, and the length on the wire counts. It is 0 if the packet ends with its header.
func (d *dissection) bigLen(b wire.IPv6) int {
	switch b.NextHeader() {
	case wire.ProtoHopByHop:
		if n := wire.IPv6Extension(b[wire.IPv6Len:]).JumboLen(); n != 0 {
			return wire.IPv6Len + int(min(n, 1<<30))
		}
	case wire.ProtoTCP, wire.ProtoUDP:
		// Every Ethernet frame is padded to 60 bytes; a longer one has no padding.
		if n := d.end - d.off; n > wire.IPv6Len+wire.UDPLen {
			return n
		}
	}
	return 0
}

// extension steps over an IPv6 extension header of the general form.
func (d *dissection) extension(p *Packet) layer {
	b := wire.IPv6Extension(d.rest())
	if !b.Valid() {
		return d.short(p, LayerExtension, wire.IPv6ExtensionLen)
	}
	n := b.HeaderLen()
	if len(b) < n {
		return d.short(p, LayerExtension, n)
	}
	d.off += n
	d.protocol = b.NextHeader()
	return atProtocol
}

// fragment reads an IPv6 fragment header.
func (d *dissection) fragment(p *Packet) layer {
	b := wire.IPv6Fragment(d.rest())
	if !b.Valid() {
		return d.short(p, LayerExtension, wire.IPv6FragmentLen)
	}
	p.IPID = b.ID()
	p.FragOffset = b.FragOffset()
	p.Has &^= HasMF // of two fragment headers, which no sender makes, the inner one counts
	if b.MoreFragments() {
		p.Has |= HasMF
	}
	d.off += wire.IPv6FragmentLen
	d.protocol = b.NextHeader()
	if p.FragOffset != 0 {
		p.Proto = d.protocol
		return atEnd
	}
	return atProtocol
}
