package redact

import "github.com/netsift/netsift/decode/wire"

func ethernet(w *rewrite) step {
	b := wire.Ethernet(w.rest())
	if !b.Valid() {
		return nil
	}
	out := w.keep(wire.EthernetLen)
	w.mac(out)
	w.mac(out[6:])
	return w.typeOrLength(b.Type())
}

// typeOrLength goes on after an Ethernet header or VLAN tag.
func (w *rewrite) typeOrLength(t uint16) step {
	if t <= wire.MaxLLCLen {
		w.bound(int(t))
		return llc
	}
	w.etherType = t
	return byEtherType
}

func byEtherType(w *rewrite) step {
	switch w.etherType {
	case wire.EtherTypeIPv4:
		return ip
	case wire.EtherTypeIPv6:
		return ipv6
	case wire.EtherTypeARP:
		return arp
	case wire.EtherTypeVLAN, wire.EtherTypeServiceVLAN, wire.EtherTypeOldServiceTag:
		return vlan
	case wire.EtherTypeMPLS, wire.EtherTypeMPLSMulticast:
		return mpls
	case wire.EtherTypePPPoE:
		return pppoe
	case wire.EtherTypeBridging:
		return ethernet
	}
	return nil
}

func vlan(w *rewrite) step {
	b := wire.VLAN(w.rest())
	if !b.Valid() {
		return nil
	}
	w.keep(wire.VLANLen)
	return w.typeOrLength(b.Type())
}

// llc keeps IEEE 802.2 where IP may follow. All other payloads, spanning tree above all, are cut off.
func llc(w *rewrite) step {
	b := wire.LLC(w.rest())
	switch {
	case !b.Valid():
		return nil
	case b.IsIPv4():
		w.keep(wire.LLCLen)
		return ip
	case !b.IsSNAP() || len(b) < wire.SNAPLen:
		return nil
	}
	if o := b.Organization(); o != wire.SNAPEtherType && o != wire.SNAPBridge {
		return nil
	}
	w.keep(wire.SNAPLen)
	w.etherType = b.Type()
	return byEtherType
}
