package decode

import "github.com/netsift/netsift/decode/wire"

func (w *walk) ethernet(p *Packet) layer {
	b := wire.Ethernet(w.rest())
	if !b.Valid() {
		return w.short(p, LayerLink, wire.EthernetLen)
	}
	w.off += wire.EthernetLen
	return w.typeOrLength(b.Type())
}

// typeOrLength goes on after an Ethernet header or VLAN tag.
func (w *walk) typeOrLength(t uint16) layer {
	if t == wire.EtherTypeIPv4 { // what almost all frames have need not go round once more
		return atIP
	}
	if t <= wire.MaxLLCLen {
		w.bound(int(t))
		return atLLC
	}
	w.etherType = t
	return atEtherType
}

// byEtherType goes into what walk.etherType announces.
func (w *walk) byEtherType(p *Packet) layer {
	switch w.etherType {
	case wire.EtherTypeIPv4:
		return atIP
	case wire.EtherTypeIPv6:
		return atIPv6
	case wire.EtherTypeARP:
		return w.arp(p)
	case wire.EtherTypeVLAN, wire.EtherTypeServiceVLAN, wire.EtherTypeOldServiceTag:
		return w.vlan(p)
	case wire.EtherTypeMPLS, wire.EtherTypeMPLSMulticast:
		return atMPLS
	case wire.EtherTypePPPoE:
		return atPPPoE
	case wire.EtherTypeBridging:
		return atEthernet
	}
	return atEnd
}

// vlan steps over a tag; after it comes a type again, so any number of them may follow each other.
func (w *walk) vlan(p *Packet) layer {
	b := wire.VLAN(w.rest())
	if !b.Valid() {
		return w.short(p, LayerVLAN, wire.VLANLen)
	}
	w.off += wire.VLANLen
	return w.typeOrLength(b.Type())
}

func (w *walk) arp(p *Packet) layer {
	p.Network, p.Inner = NetARP, uint32(w.off)
	if b := wire.ARP(w.rest()); !b.Valid() {
		return w.short(p, LayerARP, wire.ARPLen)
	}
	return atEnd
}

// llc steps over IEEE 802.2 and SNAP to an EtherType.
func (w *walk) llc(p *Packet) layer {
	b := wire.LLC(w.rest())
	if !b.Valid() {
		return w.short(p, LayerLLC, wire.LLCLen)
	}
	switch {
	case b.IsIPv4():
		w.off += wire.LLCLen
		return atIP
	case !b.IsSNAP():
		return atEnd
	case len(b) < wire.SNAPLen:
		return w.short(p, LayerLLC, wire.SNAPLen)
	}
	if o := b.Organization(); o != wire.SNAPEtherType && o != wire.SNAPBridge {
		return atEnd
	}
	w.off += wire.SNAPLen
	w.etherType = b.Type()
	return atEtherType
}
