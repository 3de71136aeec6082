package redact

import "github.com/netsift/netsift/decode/wire"

// Types of ICMPv6 that are about addresses.
const (
	mldQuery       = 130 // RFC 2710, section 3; its second version is longer
	mldReport      = 131
	mldDone        = 132
	ndpSolicit     = 133 // RFC 4861, section 4
	ndpRouter      = 134
	ndpNeighbour   = 135
	ndpNeighbourIs = 136
	ndpRedirect    = 137
	mldReport2     = 143 // RFC 3810, section 5.2
)

func icmpv6(w *rewrite) step {
	b := wire.ICMP(w.rest())
	if !b.Valid() {
		return nil
	}
	w.transportSum(icmpChecksum, w.ip.end, wire.ProtoICMPv6)
	out := w.keep(wire.ICMPLen)
	if t := b.Type(); wire.ICMPv6IsError(t) {
		return w.quote()
	}
	switch b.Type() {
	case wire.ICMPv6Echo, wire.ICMPv6EchoReply, mldReport2:
	case mldQuery, mldReport, mldDone:
		w.addresses(1)
	case ndpSolicit:
		clear(out[4:])
		w.ndpOptions()
	case ndpRouter:
		const timers = 8
		if len(w.rest()) >= timers {
			w.keep(timers)
			w.ndpOptions()
		}
	case ndpNeighbour, ndpNeighbourIs:
		clear(out[5:]) // the first byte is flags of an advertisement
		if w.addresses(1) {
			w.ndpOptions()
		}
	case ndpRedirect:
		clear(out[4:])
		if w.addresses(2) {
			w.ndpOptions()
		}
	default:
		clear(out[4:])
	}
	return nil
}

// addresses replaces the next n addresses, if they are all there.
func (w *rewrite) addresses(n int) bool {
	if len(w.rest()) < 16*n {
		return false
	}
	for b := w.keep(16 * n); len(b) > 0; b = b[16:] {
		w.addr6(b)
	}
	return true
}
