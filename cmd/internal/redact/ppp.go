package redact

import "github.com/netsift/netsift/decode/wire"

func pppoe(w *rewrite) step {
	b := wire.PPPoE(w.rest())
	if !b.Valid() {
		return nil
	}
	w.keep(wire.PPPoELen)
	w.bound(b.PayloadLen())
	return ppp
}

func ppp(w *rewrite) step {
	protocol, n := wire.PPP(w.rest()).Protocol()
	if n == 0 {
		return nil
	}
	w.keep(n)
	switch protocol {
	case wire.PPPIPv4:
		return ip
	case wire.PPPIPv6:
		return ipv6
	case wire.PPPMPLS, wire.PPPMPLSMulticast:
		return mpls
	}
	return nil
}
