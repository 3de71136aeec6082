package decode

import "github.com/netsift/netsift/decode/wire"

func (w *walk) icmp(p *Packet) layer {
	b := wire.ICMP(w.rest())
	if !b.Valid() {
		return w.short(p, LayerICMP, wire.ICMPLen)
	}
	t := b.Type()
	w.message(p, b, wire.ICMPIsError(t), t == wire.ICMPEcho || t == wire.ICMPEchoReply)
	return atEnd
}

func (w *walk) icmpv6(p *Packet) layer {
	b := wire.ICMP(w.rest())
	if !b.Valid() {
		return w.short(p, LayerICMPv6, wire.ICMPLen)
	}
	t := b.Type()
	w.message(p, b, wire.ICMPv6IsError(t), t == wire.ICMPv6Echo || t == wire.ICMPv6EchoReply)
	return atEnd
}

func (w *walk) message(p *Packet, b wire.ICMP, isError, isEcho bool) {
	p.ICMPType, p.ICMPCode, p.ICMPWord = b.Type(), b.Code(), b.Word()
	p.Has |= HasICMP
	w.off += wire.ICMPLen
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

func (w *walk) sctp(p *Packet) layer {
	b := wire.SCTP(w.rest())
	if len(b) >= 4 {
		p.SrcPort, p.DstPort = b.SrcPort(), b.DstPort()
		p.Has |= HasPorts
	}
	if !b.Valid() {
		return w.short(p, LayerSCTP, wire.SCTPLen)
	}
	w.off += wire.SCTPLen
	return atEnd
}
