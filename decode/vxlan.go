package decode

import "github.com/netsift/netsift/decode/wire"

// vxlan goes into what a UDP port says is VXLAN, if the header confirms it: the I flag must be set, and either nothing
// else is or a plausible Ethernet frame follows. bySource is the weaker hypothesis that only the source port is VXLAN's
// (senders that do not hash); it wants both.
func (d *dissection) vxlan(p *Packet, port uint16, bySource bool) layer {
	b := wire.VXLAN(d.rest())
	if !b.Valid() {
		if bySource || len(b) == 0 || !b.HasVNI() {
			return atEnd
		}
		if !d.enter(p, EncapVXLAN, 0, port) {
			return d.stop(p, StopDepth, EncapVXLAN.header(), 0)
		}
		return d.short(p, EncapVXLAN.header(), wire.VXLANLen)
	}
	if !b.HasVNI() {
		return atEnd
	}
	if plain := b.Plain(); !plain || bySource {
		if !PlausibleEthernet(b[wire.VXLANLen:]) || bySource && !plain {
			return atEnd
		}
	}
	if !d.enter(p, EncapVXLAN, b.VNI(), port) {
		return d.stop(p, StopDepth, EncapVXLAN.header(), 0)
	}
	d.off += wire.VXLANLen
	return atEthernet
}
