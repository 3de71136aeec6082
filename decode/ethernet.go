package decode

import "github.com/netsift/netsift/decode/wire"

func (d *dissection) ethernet(p *Packet) layer {
	b := wire.Ethernet(d.rest())
	if !b.Valid() {
		return d.short(p, LayerLink, wire.EthernetLen)
	}
	d.off += wire.EthernetLen
	return d.typeOrLength(b.Type())
}

// typeOrLength goes on after an Ethernet header or VLAN tag.
func (d *dissection) typeOrLength(t uint16) layer {
	if t == wire.EtherTypeIPv4 { // almost all frames: save a round
		return atIP
	}
	if t <= wire.MaxLLCLen {
		d.bound(int(t))
		return atLLC
	}
	d.etherType = t
	return atEtherType
}

// byEtherType goes into what dissection.etherType announces.
func (d *dissection) byEtherType(p *Packet) layer {
	switch d.etherType {
	case wire.EtherTypeIPv4:
		return atIP
	case wire.EtherTypeIPv6:
		return atIPv6
	case wire.EtherTypeARP:
		return d.arp(p)
	case wire.EtherTypeVLAN, wire.EtherTypeServiceVLAN, wire.EtherTypeOldServiceTag:
		return d.vlan(p)
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
func (d *dissection) vlan(p *Packet) layer {
	b := wire.VLAN(d.rest())
	if !b.Valid() {
		return d.short(p, LayerVLAN, wire.VLANLen)
	}
	d.off += wire.VLANLen
	return d.typeOrLength(b.Type())
}

func (d *dissection) arp(p *Packet) layer {
	p.Network, p.Inner = NetARP, uint32(d.off)
	if b := wire.ARP(d.rest()); !b.Valid() {
		return d.short(p, LayerARP, wire.ARPLen)
	}
	return atEnd
}

// llc steps over IEEE 802.2 and SNAP to an EtherType.
func (d *dissection) llc(p *Packet) layer {
	b := wire.LLC(d.rest())
	if !b.Valid() {
		return d.short(p, LayerLLC, wire.LLCLen)
	}
	switch {
	case b.IsIPv4():
		d.off += wire.LLCLen
		return atIP
	case !b.IsSNAP():
		return atEnd
	case len(b) < wire.SNAPLen:
		return d.short(p, LayerLLC, wire.SNAPLen)
	}
	if o := b.Organization(); o != wire.SNAPEtherType && o != wire.SNAPBridge {
		return atEnd
	}
	d.off += wire.SNAPLen
	d.etherType = b.Type()
	return atEtherType
}
