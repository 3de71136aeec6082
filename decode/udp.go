package decode

import "github.com/netsift/netsift/decode/wire"

func (d *dissection) udp(p *Packet) layer {
	b := wire.UDP(d.rest())
	if !b.Valid() {
		if len(b) >= 4 {
			p.SrcPort, p.DstPort = b.SrcPort(), b.DstPort()
			p.Has |= HasPorts
		}
		return d.short(p, LayerUDP, wire.UDPLen)
	}
	src, dst := b.SrcPort(), b.DstPort()
	p.SrcPort, p.DstPort = src, dst
	p.Has |= HasPorts
	if n := b.Len(); n != 0 { // 0: a jumbogram, or still to be cut into segments
		if n < wire.UDPLen {
			return d.stop(p, StopLength, LayerUDP, wire.UDPLen)
		}
		d.ipEnd = min(d.ipEnd, d.off+n)
		d.bound(n)
	}
	d.off += wire.UDPLen
	if src == wire.DNSPort || dst == wire.DNSPort {
		return atEnd // a client's own port may be any, and a DNS message may pass for a tunnel's header
	}
	if k := d.decoder.ports.Kind(dst); k != EncapNone {
		return d.tunnel(p, k, dst, false)
	}
	if k := d.decoder.ports.Kind(src); k != EncapNone {
		return d.tunnel(p, k, dst, true)
	}
	return atEnd
}
