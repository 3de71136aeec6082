package filter

import (
	"net/netip"

	"github.com/netsift/netsift/decode"
)

// side selects the ends of a layer that a primitive tests.
type side uint8

const (
	anySide side = iota
	srcSide
	dstSide
	bothSides
)

// holds applies a test of one end as the side demands.
func (s side) holds(src, dst bool) bool {
	switch s {
	case srcSide:
		return src
	case dstSide:
		return dst
	case bothSides:
		return src && dst
	}
	return src || dst
}

// protocol is a protocol's name, as a test of a layer.
type protocol struct {
	network decode.Network // NetOther: any
	numbers []uint8        // none: any
}

func (p *protocol) holds(l *Layer) bool {
	if p.network != decode.NetOther && l.Network != p.network {
		return false
	}
	for _, n := range p.numbers {
		if l.Proto == n {
			return true
		}
	}
	return len(p.numbers) == 0
}

// primitive is a protocol with further tests of the same layer.
type primitive struct {
	protocol
	side side
	kind kind
	net  netip.Prefix
	// from and to are ports, both included.
	from, to uint16
	tunnel   decode.EncapKind
	vni      uint32
	hasVNI   bool
	// object is the object's kind and name is its name, for objectKind.
	object string
	name   Name
}

// kind is the kind of a primitive's value.
type kind uint8

const (
	noKind kind = iota
	hostKind
	netKind
	portKind
	rangeKind
	protoKind
	objectKind
)

func (p *primitive) match(s subject) bool {
	if p.kind == objectKind {
		return p.names(s.objects)
	}
	for i := range s.layers {
		if p.holds(&s.layers[i]) {
			return true
		}
	}
	return false
}

func (p *primitive) holds(l *Layer) bool {
	if !p.protocol.holds(l) {
		return false
	}
	if p.tunnel != 0 {
		return l.Tunnel == p.tunnel && (!p.hasVNI || l.VNI == p.vni)
	}
	switch p.kind {
	case hostKind, netKind:
		return p.side.holds(p.net.Contains(l.Src), p.net.Contains(l.Dst))
	case portKind, rangeKind:
		fits := func(port uint16) bool { return port != 0 && p.from <= port && port <= p.to }
		return p.side.holds(fits(l.SrcPort), fits(l.DstPort))
	}
	return true
}
