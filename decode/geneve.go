package decode

import "github.com/netsift/netsift/decode/wire"

// geneve goes into what a UDP port says is Geneve, if the header confirms it: version 0 and an EtherType. bySource is
// the weaker hypothesis that only the source port is Geneve's; it wants a plausible Ethernet frame inside.
func (d *dissection) geneve(p *Packet, port uint16, bySource bool) layer {
	b := wire.Geneve(d.rest())
	if !b.Valid() {
		if bySource || len(b) == 0 || b.Version() != 0 {
			return atEnd
		}
		if !d.enter(p, EncapGeneve, 0, port) {
			return d.stop(p, StopDepth, EncapGeneve.header(), 0)
		}
		return d.short(p, EncapGeneve.header(), wire.GeneveLen)
	}
	n := b.HeaderLen()
	if b.Version() != 0 || b.Protocol() < wire.MinEtherType {
		return atEnd
	}
	if bySource && (len(b) < n || b.Protocol() != wire.EtherTypeBridging || !PlausibleEthernet(b[n:])) {
		return atEnd
	}
	if !d.enter(p, EncapGeneve, b.VNI(), port) {
		return d.stop(p, StopDepth, EncapGeneve.header(), 0)
	}
	if len(b) < n {
		return d.short(p, EncapGeneve.header(), n)
	}
	d.off += n
	d.etherType = b.Protocol()
	return atEtherType
}
