package redact

import "net/netip"

// Options of neighbour discovery (RFC 4861, section 4.6) that mean something to a diagnosis.
const (
	ndpSourceLink = 1
	ndpTargetLink = 2
	ndpPrefix     = 3
	ndpMTU        = 5
)

// ndpOptions replaces the addresses in the options of neighbour discovery. Of options that it does not know, resolvers and
// search domains among them, and the packet that caused a redirect, type and length stay.
func (w *rewrite) ndpOptions() {
	for {
		b := w.rest()
		if len(b) < 8 || b[1] == 0 || len(b) < 8*int(b[1]) {
			return
		}
		n := 8 * int(b[1])
		out := w.keep(n)
		switch kind := b[0]; {
		case (kind == ndpSourceLink || kind == ndpTargetLink) && n == 8:
			w.mac(out[2:])
		case kind == ndpPrefix && n == 32:
			w.prefix(out)
		case kind == ndpMTU && n == 8:
			clear(out[2:4])
		default:
			clear(out[2:])
		}
	}
}

// prefix replaces the prefix of a prefix information option: its length is in the third byte, the prefix in the last 16.
func (w *rewrite) prefix(b []byte) {
	clear(b[12:16]) // reserved
	p := netip.PrefixFrom(netip.AddrFrom16([16]byte(b[16:])), min(int(b[2]), 128))
	a := w.key.Prefix(p).Addr().As16()
	copy(b[16:], a[:])
}
