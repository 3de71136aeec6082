package decode

import "github.com/netsift/netsift/decode/wire"

// geneve goes into what a UDP port says is Geneve, if the header confirms it: version 0 and an EtherType. bySource is
// the weaker hypothesis that only the source port is Geneve's; it wants a plausible Ethernet frame inside.
func (w *walk) geneve(p *Packet, port uint16, bySource bool) layer {
	b := wire.Geneve(w.rest())
	if !b.Valid() {
		if bySource || len(b) == 0 || b.Version() != 0 {
			return atEnd
		}
		if !w.enter(p, EncapGeneve, 0, port) {
			return w.stop(p, StopDepth, EncapGeneve.header(), 0)
		}
		return w.short(p, EncapGeneve.header(), wire.GeneveLen)
	}
	n := b.HeaderLen()
	if b.Version() != 0 || b.Protocol() < wire.MinEtherType {
		return atEnd
	}
	if bySource && (len(b) < n || b.Protocol() != wire.EtherTypeBridging || !PlausibleEthernet(b[n:])) {
		return atEnd
	}
	if !w.enter(p, EncapGeneve, b.VNI(), port) {
		return w.stop(p, StopDepth, EncapGeneve.header(), 0)
	}
	if len(b) < n {
		return w.short(p, EncapGeneve.header(), n)
	}
	w.off += n
	w.etherType = b.Protocol()
	return atEtherType
}
