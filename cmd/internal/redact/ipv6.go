package redact

import "github.com/netsift/netsift/decode/wire"

// Offsets in an IPv6 header (RFC 8200, section 3).
const (
	ipv6Src = 8
	ipv6Dst = 24
)

func ipv6(w *rewrite) step {
	b := wire.IPv6(w.rest())
	if len(b) < wire.IPv6Len || b.Version() != 6 {
		return w.version()
	}
	start, total := len(w.out), wire.IPv6Len+b.PayloadLen()
	if b.PayloadLen() == 0 {
		total = w.bigLen(b)
	}
	w.ip = ipHeader{
		pseudo: pseudo{src: start + ipv6Src, dst: start + ipv6Dst, size: 16},
		end:    start + total, v6: true,
	}
	w.bound(total)
	out := w.keep(wire.IPv6Len)
	w.addr6(out[ipv6Src:])
	w.addr6(out[ipv6Dst:])
	w.protocol = b.NextHeader()
	return byProtocol
}

// bigLen returns the length of an IPv6 packet whose header says 0, as package decode has it (RFC 2675; BIG TCP).
func (w *rewrite) bigLen(b wire.IPv6) int {
	switch b.NextHeader() {
	case wire.ProtoHopByHop:
		return wire.IPv6Len + int(min(wire.IPv6Extension(b[wire.IPv6Len:]).JumboLen(), 1<<30))
	case wire.ProtoTCP, wire.ProtoUDP:
		if n := w.end - len(w.out); n > wire.IPv6Len+wire.UDPLen {
			return n
		}
	}
	return wire.IPv6Len
}
