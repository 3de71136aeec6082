package redact

import "github.com/netsift/netsift/decode/wire"

// icmpChecksum is the offset of the checksum (RFC 792; RFC 4443, section 2.1).
const icmpChecksum = 2

func icmp(w *rewrite) step {
	b := wire.ICMP(w.rest())
	if !b.Valid() {
		return nil
	}
	w.sum(sum{field: icmpChecksum, end: w.ip.end})
	out := w.keep(wire.ICMPLen)
	switch t := b.Type(); {
	case t == wire.ICMPRedirect:
		w.addr4(out[4:]) // the better gateway
	case t > icmpAddressMaskReply:
		clear(out[4:])
	}
	if wire.ICMPIsError(b.Type()) {
		return w.quote()
	}
	return nil
}

// icmpAddressMaskReply is the last of the types whose second word is known: it is no address, except in a redirect.
const icmpAddressMaskReply = 18

// quote goes into the packet that an error quotes. The bytes behind its transport header, like the objects of a multi-part
// message (RFC 4884), are cut off.
func (w *rewrite) quote() step {
	b := w.rest()
	if len(b) < wire.IPv4Len || b[0]>>4 != 4 && (b[0]>>4 != 6 || len(b) < wire.IPv6Len) {
		return nil
	}
	w.depth = 0
	w.end = max(len(w.out), w.ip.end) // a quote may be shorter than its packet, and a packet than what it claims
	return ip
}
