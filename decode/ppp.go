package decode

import "github.com/netsift/netsift/decode/wire"

func (w *walk) pppoe(p *Packet) layer {
	b := wire.PPPoE(w.rest())
	if !b.Valid() {
		return w.short(p, LayerPPP, wire.PPPoELen)
	}
	w.off += wire.PPPoELen
	w.bound(b.PayloadLen())
	return atPPP
}

func (w *walk) ppp(p *Packet) layer {
	protocol, n := wire.PPP(w.rest()).Protocol()
	if n == 0 {
		return w.short(p, LayerPPP, wire.PPPLen)
	}
	w.off += n
	switch protocol {
	case wire.PPPIPv4:
		return atIP
	case wire.PPPIPv6:
		return atIPv6
	case wire.PPPMPLS, wire.PPPMPLSMulticast:
		return atMPLS
	}
	return atEnd
}
