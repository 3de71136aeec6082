package redact

import "github.com/netsift/netsift/decode/wire"

// extension reads an IPv6 extension header, if the protocol is one.
func (w *rewrite) extension() step {
	if w.protocol == wire.ProtoFragment {
		return fragment
	}
	var inside func(b []byte)
	switch w.protocol {
	case wire.ProtoHopByHop, wire.ProtoDestination:
		inside = padOptions
	case wire.ProtoRouting:
		inside = w.route
	case wire.ProtoMobility, wire.ProtoHIP, wire.ProtoShim6: // made of addresses, keys and proofs
		inside = func(b []byte) { clear(b[2:]) }
	default:
		return nil
	}
	b := wire.IPv6Extension(w.rest())
	if !b.Valid() || len(b) < b.HeaderLen() {
		return nil
	}
	inside(w.keep(b.HeaderLen()))
	w.protocol = b.NextHeader()
	return byProtocol
}

func fragment(w *rewrite) step {
	b := wire.IPv6Fragment(w.rest())
	if !b.Valid() {
		return nil
	}
	w.keep(wire.IPv6FragmentLen)[1] = 0 // reserved
	if b.FragOffset() != 0 {
		return nil
	}
	w.ip.fragment = b.MoreFragments()
	w.protocol = b.NextHeader()
	return byProtocol
}

// Options of hop-by-hop and destination options headers (RFC 8200, section 4.2) that stay.
const (
	optionPad1        = 0
	optionPadN        = 1
	optionRouterAlert = 5    // RFC 2711
	optionJumbo       = 0xc2 // RFC 2675
)

// padOptions replaces options by padding, a home address (RFC 6275, section 6.3) among them. Two may stay: without one a
// jumbogram has no length, and the other is in every multicast report.
func padOptions(b []byte) {
	for b = b[2:]; len(b) >= 2; {
		if b[0] == optionPad1 {
			b = b[1:]
			continue
		}
		n := 2 + int(b[1])
		if n > len(b) {
			break
		}
		if stays := b[0] == optionRouterAlert && n == 4 || b[0] == optionJumbo && n == 6; !stays {
			b[0] = optionPadN
			clear(b[2:n])
		}
		b = b[n:]
	}
	clear(b) // Pad1 each
}
