package decode

import "github.com/netsift/netsift/decode/wire"

func (w *walk) gre(p *Packet) layer {
	if w.off >= w.end {
		return atEnd
	}
	b := wire.GRE(w.rest())
	n := wire.GRELen
	if b.Valid() {
		n = b.HeaderLen()
	}
	whole := len(b) >= n
	var key uint32
	if whole {
		key = b.Key()
	}
	if !w.enter(p, EncapGRE, key, 0) {
		return w.stop(p, StopDepth, EncapGRE.header(), 0)
	}
	if !whole {
		return w.short(p, EncapGRE.header(), n)
	}
	w.off += n
	if b.HasRouting() && !w.skipRoutes() {
		return w.short(p, EncapGRE.header(), sourceRouteLen)
	}
	return w.byGREProtocol(p, b)
}

func (w *walk) byGREProtocol(p *Packet, b wire.GRE) layer {
	switch t := b.Protocol(); t {
	case wire.EtherTypeIPv4, wire.EtherTypeIPv6, wire.EtherTypeARP, wire.EtherTypeBridging,
		wire.EtherTypeMPLS, wire.EtherTypeMPLSMulticast:
		w.etherType = t
		return atEtherType
	case wire.EtherTypePPP:
		return atPPP
	case wire.GREMikroTik:
		return atEthernet
	case wire.GREERSPAN:
		// Type I has no sequence number and no header of its own (draft-foschiano-erspan, section 4.1).
		if !b.HasSequence() {
			return atEthernet
		}
		return w.erspan(p, wire.ERSPANIILen)
	case wire.GREERSPANIII:
		return w.erspan3(p)
	case wire.GREWCCP:
		return w.wccp(p)
	}
	return atEnd
}

// sourceRouteLen is the length in bytes of a source route entry without its addresses (RFC 1701).
const sourceRouteLen = 4

// skipRoutes steps over source route entries; the list ends with one of family 0 and length 0.
func (w *walk) skipRoutes() bool {
	for {
		b := w.rest()
		if len(b) < sourceRouteLen || len(b) < sourceRouteLen+int(b[3]) {
			return false
		}
		w.off += sourceRouteLen + int(b[3])
		if b[0] == 0 && b[1] == 0 && b[3] == 0 {
			return true
		}
	}
}

func (w *walk) erspan(p *Packet, n int) layer {
	if len(w.rest()) < n {
		return w.short(p, EncapGRE.header(), n)
	}
	w.off += n
	return atEthernet
}

func (w *walk) erspan3(p *Packet) layer {
	b := wire.ERSPAN3(w.rest())
	if !b.Valid() {
		return w.short(p, EncapGRE.header(), wire.ERSPAN3Len)
	}
	return w.erspan(p, b.HeaderLen())
}

// wccp goes into what a router redirected to a web cache: version 2 of the protocol has four bytes of its own before the
// packet, version 1 has not; the IP version tells.
func (w *walk) wccp(p *Packet) layer {
	b := w.rest()
	if len(b) == 0 {
		return w.short(p, EncapGRE.header(), 1)
	}
	if b[0]>>4 != 4 {
		if len(b) < wccpLen {
			return w.short(p, EncapGRE.header(), wccpLen)
		}
		w.off += wccpLen
	}
	return atIP
}

// wccpLen is the length of WCCPv2's redirect header in bytes.
const wccpLen = 4
