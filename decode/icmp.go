package decode

import "github.com/netsift/netsift/decode/wire"

func (d *dissection) icmp(p *Packet) layer {
	b := wire.ICMP(d.rest())
	if !b.Valid() {
		return d.short(p, LayerICMP, wire.ICMPLen)
	}
	t := b.Type()
	d.message(p, b, wire.ICMPIsError(t), t == wire.ICMPEcho || t == wire.ICMPEchoReply)
	return atEnd
}

func (d *dissection) icmpv6(p *Packet) layer {
	b := wire.ICMP(d.rest())
	if !b.Valid() {
		return d.short(p, LayerICMPv6, wire.ICMPLen)
	}
	t := b.Type()
	d.message(p, b, wire.ICMPv6IsError(t), t == wire.ICMPv6Echo || t == wire.ICMPv6EchoReply)
	return atEnd
}

func (d *dissection) message(p *Packet, b wire.ICMP, isError, isEcho bool) {
	p.ICMPType, p.ICMPCode, p.ICMPWord = b.Type(), b.Code(), b.Word()
	p.Has |= HasICMP
	d.off += wire.ICMPLen
	if isEcho {
		p.SrcPort = uint16(p.ICMPWord >> 16)
		p.DstPort = p.SrcPort
		p.Has |= HasPorts
	}
	if isError && quotesIP(b[wire.ICMPLen:]) {
		p.Has |= HasQuote
	}
}

// quotesIP reports whether b begins with an IP header.
func quotesIP(b []byte) bool {
	if len(b) < wire.IPv4Len {
		return false
	}
	return b[0]>>4 == 4 || b[0]>>4 == 6 && len(b) >= wire.IPv6Len
}

func (d *dissection) sctp(p *Packet) layer {
	b := wire.SCTP(d.rest())
	if len(b) >= 4 {
		p.SrcPort, p.DstPort = b.SrcPort(), b.DstPort()
		p.Has |= HasPorts
	}
	if !b.Valid() {
		return d.short(p, LayerSCTP, wire.SCTPLen)
	}
	d.off += wire.SCTPLen
	return atEnd
}
