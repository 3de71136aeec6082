// Package filter selects connections by expressions in tcpdump's syntax (pcap-filter(7)): host, net, port and portrange with
// src and dst, the names of protocols, not, and, or and parentheses.
//
// A primitive holds if any layer fits it: the innermost packet or a tunnel's header around it, before or after translation.
// So "host 10.96.0.50" and "host 10.244.2.8" both find a connection that was translated from the one to the other, and
// "not host 10.96.0.50" excludes it. All of a primitive has to fit one layer: "udp port 53" is more than
// "udp and port 53", which also finds DNS over TCP in a UDP tunnel.
//
// A connection has packets of both directions. src is the side that started it, dst the other, on every leg.
//
// Beside tcpdump's there are primitives for objects of the cluster: pod, svc, ns, node, deploy, sts and ds. They ask for the names that a
// connection's parties have (fact.Objects), so they hold for it as a whole and not for a layer.
package filter

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Filter is a parsed expression. Its zero value matches everything.
type Filter struct {
	root  node
	names []Name
}

// Empty reports whether the filter is of an empty expression.
func (f Filter) Empty() bool { return f.root == nil }

// Names returns the objects that the expression asks for, in its order.
func (f Filter) Names() []Name { return f.names }

// Layer is the part of a header that an expression can ask for.
type Layer struct {
	Network  decode.Network
	Src, Dst netip.Addr
	// Proto is the IP protocol number of the next header.
	Proto uint8
	// SrcPort and DstPort are those of TCP, UDP and SCTP, 0 where there are none or they aren't known.
	SrcPort, DstPort uint16
	// Tunnel and VNI are set on the header of an encapsulation.
	Tunnel decode.EncapKind
	VNI    uint32
}

// Match reports whether layers, those of one packet or of all packets of a connection, match. They belong to no object.
func (f Filter) Match(layers []Layer) bool {
	return f.root == nil || f.root.match(subject{layers: layers})
}

// Connection reports whether c matches, of whose objects it has the names by then.
func (f Filter) Connection(c *fact.Connection) bool {
	return f.root == nil || f.root.match(subject{Layers(c), c.Objects})
}

// Lookup reports whether a name lookup matches, of whose objects it has the names by then.
func (f Filter) Lookup(l *fact.Lookup) bool {
	return f.root == nil || f.root.match(subject{lookupLayers(l), l.Objects})
}

// subject is what is asked whether it matches.
type subject struct {
	layers  []Layer
	objects *fact.Objects
}

// node is an expression or a part of it.
type node interface{ match(s subject) bool }

type (
	not    struct{ x node }
	and    struct{ x, y node }
	either struct{ x, y node }
)

func (n not) match(s subject) bool    { return !n.x.match(s) }
func (n and) match(s subject) bool    { return n.x.match(s) && n.y.match(s) }
func (n either) match(s subject) bool { return n.x.match(s) || n.y.match(s) }

// Layers returns the layers of all legs of a connection, oriented from client to server.
func Layers(c *fact.Connection) []Layer {
	list := make([]Layer, 0, 2*len(c.Legs))
	for i := range c.Legs {
		leg := &c.Legs[i]
		l := Layer{Network: network(leg.Src.Addr()), Src: leg.Src.Addr(), Dst: leg.Dst.Addr()}
		switch {
		case c.Proto == fact.TCP:
			l.Proto, l.SrcPort, l.DstPort = wire.ProtoTCP, leg.Src.Port(), leg.Dst.Port()
		case c.Proto == fact.UDP:
			l.Proto, l.SrcPort, l.DstPort = wire.ProtoUDP, leg.Src.Port(), leg.Dst.Port()
		case c.Proto == fact.SCTP:
			l.Proto, l.SrcPort, l.DstPort = wire.ProtoSCTP, leg.Src.Port(), leg.Dst.Port()
		case l.Network == decode.NetIPv6: // an echo's identifier stands for a port
			l.Proto = wire.ProtoICMPv6
		default:
			l.Proto = wire.ProtoICMP
		}
		list = append(list, l)
		for k := range leg.Encap {
			list = append(list, outer(&leg.Encap[k]))
		}
	}
	return list
}

// lookupLayers returns the layers of a lookup's queries: to its server, and to where that was translated to.
func lookupLayers(l *fact.Lookup) (list []Layer) {
	for _, to := range []netip.AddrPort{l.Server, l.Backend} {
		if !to.IsValid() {
			continue
		}
		layer := Layer{Network: network(to.Addr()), Src: l.Client, Dst: to.Addr(), Proto: wire.ProtoUDP, DstPort: to.Port()}
		list = append(list, layer)
		if l.TCP {
			layer.Proto = wire.ProtoTCP
			list = append(list, layer)
		}
	}
	return list
}

// outer returns the layer of an encapsulation. Its UDP source port is not known: it differs from packet to packet.
func outer(e *fact.Encap) Layer {
	return Layer{
		Network: network(e.Src), Src: e.Src, Dst: e.Dst, Proto: e.Kind.Proto(), DstPort: e.Port, Tunnel: e.Kind, VNI: e.VNI,
	}
}

func network(a netip.Addr) decode.Network {
	switch {
	case a.Is4():
		return decode.NetIPv4
	case a.Is6():
		return decode.NetIPv6
	}
	return decode.NetOther
}
