package redact

// Types of IPv6 routing headers whose addresses lie in the open,
// https://www.iana.org/assignments/ipv6-parameters.
const (
	routeSource  = 0 // RFC 2460, section 4.4; deprecated by RFC 5095
	routeHome    = 2 // RFC 6275, section 6.4
	routeSegment = 4 // RFC 8754, section 2
)

// route replaces the addresses of a routing header. Behind those of a segment list may be proofs, and other types are
// compressed: they become zero.
//
// The checksum of what follows is about the last address of the way (RFC 8200, section 8.1).
func (w *rewrite) route(b []byte) {
	at := len(w.out) - len(b) + 8
	kind, left, last := b[2], b[3], int(b[4])
	addresses := (len(b) - 8) / 16
	final := addresses - 1
	switch kind {
	case routeSource, routeHome:
		clear(b[4:8])
	case routeSegment:
		clear(b[5:8])
		addresses = min(addresses, last+1)
		final = 0 // the list is in reverse
	default:
		addresses = 0
		clear(b[4:8])
	}
	for i := range addresses {
		w.addr6(b[8+16*i:])
	}
	clear(b[8+16*addresses:])
	if left > 0 && addresses > 0 {
		w.ip.dst = at + 16*final
	}
}
