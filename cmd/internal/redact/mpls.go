package redact

import (
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

func mpls(w *rewrite) step {
	for {
		b := wire.MPLS(w.rest())
		if !b.Valid() {
			return nil
		}
		w.keep(wire.MPLSLen)
		if b.Bottom() {
			break
		}
	}
	b := w.rest()
	if len(b) == 0 {
		return nil
	}
	switch b[0] >> 4 { // RFC 4928, section 3
	case 4:
		return ip
	case 6:
		return ipv6
	case 0:
		return w.pseudowire(b)
	}
	return nil
}

// controlWordLen is the length in bytes of a pseudowire's control word (RFC 4385, section 3).
const controlWordLen = 4

func (w *rewrite) pseudowire(b []byte) step {
	if len(b) >= controlWordLen && decode.PlausibleEthernet(b[controlWordLen:]) {
		w.blank(controlWordLen)
		return ethernet
	}
	if !decode.PlausibleEthernet(b) {
		return nil
	}
	at := len(w.out)
	next := ethernet(w)
	w.out[at] &= 0x0f // or a reader would take the address for an IP header
	return next
}
