package decode

import "github.com/netsift/netsift/decode/wire"

// mpls steps over a whole label stack. It has no type field: the first half byte behind it tells, if it is a version
// (RFC 4928, section 3).
func (d *dissection) mpls(p *Packet) layer {
	for {
		b := wire.MPLS(d.rest())
		if !b.Valid() {
			return d.short(p, LayerMPLS, wire.MPLSLen)
		}
		d.off += wire.MPLSLen
		if b.Bottom() {
			break
		}
	}
	b := d.rest()
	if len(b) == 0 {
		return d.short(p, LayerMPLS, 1)
	}
	switch b[0] >> 4 {
	case 4:
		return atIP
	case 6:
		return atIPv6
	case 0:
		return d.pseudowire()
	}
	return atEnd
}

// controlWordLen is the length in bytes of a pseudowire's control word (RFC 4385, section 3).
const controlWordLen = 4

// pseudowire goes on with the Ethernet frame behind a control word (RFC 4448), if one is plausible there: without a
// control word the first half byte belongs to a destination address and says nothing.
func (d *dissection) pseudowire() layer {
	b := d.rest()
	if len(b) >= controlWordLen && PlausibleEthernet(b[controlWordLen:]) {
		d.off += controlWordLen
		return atEthernet
	}
	if PlausibleEthernet(b) {
		return atEthernet
	}
	return atEnd
}

// PlausibleEthernet reports whether b begins with an Ethernet header whose type is one that is stepped into and is not
// contradicted by the IP version behind it. A header that is not whole is not plausible.
func PlausibleEthernet(b []byte) bool {
	h := wire.Ethernet(b)
	if !h.Valid() {
		return false
	}
	t := h.Type()
	b = b[wire.EthernetLen:]
	for wire.IsVLAN(t) {
		v := wire.VLAN(b)
		if !v.Valid() {
			return true
		}
		t, b = v.Type(), b[wire.VLANLen:]
	}
	switch t {
	case wire.EtherTypeIPv4:
		return len(b) == 0 || b[0]>>4 == 4
	case wire.EtherTypeIPv6:
		return len(b) == 0 || b[0]>>4 == 6
	case wire.EtherTypeARP, wire.EtherTypeMPLS, wire.EtherTypePPPoE:
		return true
	}
	return false
}
