package decode

import "github.com/netsift/netsift/decode/wire"

func (d *dissection) pppoe(p *Packet) layer {
	b := wire.PPPoE(d.rest())
	if !b.Valid() {
		return d.short(p, LayerPPP, wire.PPPoELen)
	}
	d.off += wire.PPPoELen
	d.bound(b.PayloadLen())
	return atPPP
}

func (d *dissection) ppp(p *Packet) layer {
	protocol, n := wire.PPP(d.rest()).Protocol()
	if n == 0 {
		return d.short(p, LayerPPP, wire.PPPLen)
	}
	d.off += n
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
