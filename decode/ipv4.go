package decode

import "github.com/netsift/netsift/decode/wire"

// ip reads an IPv4 header, or an IPv6 header if the version is 6. IPv6 is also seen behind EtherType 0x0800 and
// protocol 4, and every other tool reads it there.
func (d *dissection) ip(p *Packet) layer {
	b := wire.IPv4(d.rest())
	if len(b) > 0 && b.Version() != 4 {
		if b.Version() == 6 {
			return atIPv6
		}
		return d.stop(p, StopVersion, LayerIPv4, wire.IPv4Len)
	}
	if !b.Valid() {
		return d.short(p, LayerIPv4, wire.IPv4Len)
	}
	n, total := b.HeaderLen(), b.TotalLen()
	if n < wire.IPv4Len {
		return d.stop(p, StopLength, LayerIPv4, wire.IPv4Len)
	}
	var has Has
	if total < n {
		if total != 0 {
			return d.stop(p, StopLength, LayerIPv4, n)
		}
		total, has = d.end-d.off, HasSegmentation
	}
	if b.DontFragment() {
		has |= HasDF
	}
	if b.MoreFragments() {
		has |= HasMF
	}
	p.Network = NetIPv4
	p.Src, p.Dst = b.Src(), b.Dst()
	p.IPID = uint32(b.ID())
	p.FragOffset = b.FragOffset()
	d.header(p, total, b.TTL(), b.Protocol(), has)
	if len(b) < n {
		return d.short(p, LayerIPv4, n)
	}
	d.off += n
	if p.FragOffset != 0 {
		return atEnd
	}
	return d.byProtocol(p)
}

// header sets what IPv4 and IPv6 have in common. total is the length of the IP packet in bytes, from the next header.
func (d *dissection) header(p *Packet, total int, ttl, protocol uint8, has Has) {
	d.ipEnd = d.off + total
	d.bound(total)
	d.protocol = protocol
	p.Inner = uint32(d.off)
	p.IPLen = uint32(total)
	p.TTL, p.Proto = ttl, protocol
	p.Has |= has
	if d.depth == 0 {
		p.OuterTTL, p.OuterIPLen = ttl, p.IPLen
	}
}
