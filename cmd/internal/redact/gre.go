package redact

import "github.com/netsift/netsift/decode/wire"

const (
	greHasChecksum = 0x80 // RFC 2784, section 2.1
	greChecksum    = 4
)

func gre(w *rewrite) step {
	if len(w.out) >= w.end {
		return nil
	}
	b := wire.GRE(w.rest())
	if !b.Valid() || !w.enter() {
		return nil
	}
	n := b.HeaderLen()
	if len(b) < n {
		w.keep(wire.GRELen)
		return nil
	}
	if b[0]&greHasChecksum != 0 {
		w.sum(sum{field: greChecksum, end: w.ip.end, zeroIsNone: true}) // what Linux offloads is zero
	}
	out := w.keep(n)
	if b.HasKey() && b.Version() == 0 {
		// Keys are numbers, and are often written as addresses of one: small numbers are 0/8, which stays.
		key := wire.GRELen
		if b.HasRouting() || b[0]&greHasChecksum != 0 {
			key += 4
		}
		w.addr4(out[key:])
	}
	if b.HasRouting() && !w.greRoutes() {
		return nil
	}
	return w.byGREProtocol(b)
}

// greRoutes keeps the form of RFC 1701's source route entries and none of their addresses.
func (w *rewrite) greRoutes() bool {
	const head = 4
	for {
		b := w.rest()
		if len(b) < head || len(b) < head+int(b[3]) {
			return false
		}
		w.keep(head)
		w.blank(int(b[3]))
		if b[0] == 0 && b[1] == 0 && b[3] == 0 {
			return true
		}
	}
}

func (w *rewrite) byGREProtocol(b wire.GRE) step {
	switch t := b.Protocol(); t {
	case wire.EtherTypeIPv4, wire.EtherTypeIPv6, wire.EtherTypeARP, wire.EtherTypeBridging,
		wire.EtherTypeMPLS, wire.EtherTypeMPLSMulticast:
		w.etherType = t
		return byEtherType
	case wire.EtherTypePPP:
		return ppp
	case wire.GREMikroTik:
		return ethernet
	case wire.GREERSPAN:
		if !b.HasSequence() {
			return ethernet
		}
		return w.erspan(wire.ERSPANIILen, wire.ERSPANIILen)
	case wire.GREERSPANIII:
		if b := wire.ERSPAN3(w.rest()); b.Valid() {
			return w.erspan(wire.ERSPAN3Len, b.HeaderLen())
		}
	case wire.GREWCCP:
		return w.wccp()
	}
	return nil
}

// erspan keeps the header of a mirrored frame, without what its platform adds.
func (w *rewrite) erspan(keep, n int) step {
	if len(w.rest()) < n {
		return nil
	}
	w.keep(keep)
	w.blank(n - keep)
	return ethernet
}

// wccp steps over the redirect header of WCCP version 2, which version 1 has not.
func (w *rewrite) wccp() step {
	const n = 4
	b := w.rest()
	if len(b) == 0 {
		return nil
	}
	if b[0]>>4 != 4 {
		if len(b) < n {
			return nil
		}
		w.blank(n)
	}
	return ip
}
