package decode

import "github.com/netsift/netsift/decode/wire"

func (d *dissection) gre(p *Packet) layer {
	if d.off >= d.end {
		return atEnd
	}
	b := wire.GRE(d.rest())
	n := wire.GRELen
	if b.Valid() {
		n = b.HeaderLen()
	}
	whole := len(b) >= n
	var key uint32
	if whole {
		key = b.Key()
	}
	if !d.enter(p, EncapGRE, key, 0) {
		return d.stop(p, StopDepth, EncapGRE.header(), 0)
	}
	if !whole {
		return d.short(p, EncapGRE.header(), n)
	}
	d.off += n
	if b.HasRouting() && !d.skipRoutes() {
		return d.short(p, EncapGRE.header(), sourceRouteLen)
	}
	return d.byGREProtocol(p, b)
}

func (d *dissection) byGREProtocol(p *Packet, b wire.GRE) layer {
	switch t := b.Protocol(); t {
	case wire.EtherTypeIPv4, wire.EtherTypeIPv6, wire.EtherTypeARP, wire.EtherTypeBridging,
		wire.EtherTypeMPLS, wire.EtherTypeMPLSMulticast:
		d.etherType = t
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
		return d.erspan(p, wire.ERSPANIILen)
	case wire.GREERSPANIII:
		return d.erspan3(p)
	case wire.GREWCCP:
		return d.wccp(p)
	}
	return atEnd
}

// sourceRouteLen is the length in bytes of a source route entry without its addresses (RFC 1701).
const sourceRouteLen = 4

// skipRoutes steps over source route entries; the list ends with one of family 0 and length 0.
func (d *dissection) skipRoutes() bool {
	for {
		b := d.rest()
		if len(b) < sourceRouteLen || len(b) < sourceRouteLen+int(b[3]) {
			return false
		}
		d.off += sourceRouteLen + int(b[3])
		if b[0] == 0 && b[1] == 0 && b[3] == 0 {
			return true
		}
	}
}

func (d *dissection) erspan(p *Packet, n int) layer {
	if len(d.rest()) < n {
		return d.short(p, EncapGRE.header(), n)
	}
	d.off += n
	return atEthernet
}

func (d *dissection) erspan3(p *Packet) layer {
	b := wire.ERSPAN3(d.rest())
	if !b.Valid() {
		return d.short(p, EncapGRE.header(), wire.ERSPAN3Len)
	}
	return d.erspan(p, b.HeaderLen())
}

// wccp goes into what a router redirected to a web cache: version 2 of the protocol has four bytes of its own before the
// packet, version 1 has not; the IP version tells.
func (d *dissection) wccp(p *Packet) layer {
	b := d.rest()
	if len(b) == 0 {
		return d.short(p, EncapGRE.header(), 1)
	}
	if b[0]>>4 != 4 {
		if len(b) < wccpLen {
			return d.short(p, EncapGRE.header(), wccpLen)
		}
		d.off += wccpLen
	}
	return atIP
}

// wccpLen is the length of WCCPv2's redirect header in bytes.
const wccpLen = 4
