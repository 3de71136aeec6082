package decode

import (
	"iter"
	"math/bits"

	"github.com/netsift/netsift/decode/wire"
)

// EncapKind is a way of carrying one packet inside another.
type EncapKind uint8

// The encapsulations that netsift knows. Each has a row in encapsulations, and each of UDPTunnels a case in dissection.tunnel.
const (
	EncapNone      EncapKind = iota
	EncapVXLAN               // RFC 7348
	EncapGeneve              // RFC 8926
	EncapGRE                 // RFC 2784, RFC 2890
	Encap4in4                // RFC 2003
	Encap6in4                // RFC 4213
	Encap4in6                // RFC 2473
	Encap6in6                // RFC 2473
	EncapWireGuard           // https://www.wireguard.com/protocol/

	// EncapKinds is how many there are with EncapNone: the length of an array that a kind is the index of.
	EncapKinds = int(iota)
)

// encapsulations is all that the rest of netsift has to know of a kind. Flags, filter words, the keys of `netsift stats`, the
// schemas, the documentation and the tunnels that --redact knows are made from it.
var encapsulations = [EncapKinds]struct {
	// word stands for the kind in output, filter expressions and flags, name in prose.
	word, name string
	// proto is the IP protocol number of what carries it.
	proto uint8
	// ports are the usual UDP ports, for a kind that UDP carries.
	ports []uint16
	id    id
	// opaque says that the packet inside is encrypted, so the kind is never in a Stack.
	opaque bool
}{
	EncapVXLAN:     {word: "vxlan", name: "VXLAN", proto: wire.ProtoUDP, ports: []uint16{wire.VXLANPort, wire.VXLANLinuxPort}, id: sharedID},
	EncapGeneve:    {word: "geneve", name: "Geneve", proto: wire.ProtoUDP, ports: []uint16{wire.GenevePort}, id: ownID},
	EncapGRE:       {word: "gre", name: "GRE", proto: wire.ProtoGRE},
	Encap4in4:      {word: "4in4", name: "IPv4 in IPv4", proto: wire.ProtoIPv4},
	Encap6in4:      {word: "6in4", name: "IPv6 in IPv4", proto: wire.ProtoIPv6},
	Encap4in6:      {word: "4in6", name: "IPv4 in IPv6", proto: wire.ProtoIPv4},
	Encap6in6:      {word: "6in6", name: "IPv6 in IPv6", proto: wire.ProtoIPv6},
	EncapWireGuard: {word: "wireguard", name: "WireGuard", proto: wire.ProtoUDP, ports: []uint16{wire.WireGuardPort, wire.WireGuardPort6, wire.WireGuardCiliumPort}, opaque: true},
}

// id is whether a kind has the number of a virtual network.
type id uint8

const (
	noID     id = iota // none, or at will: GRE's key (RFC 2890)
	ownID              // each end chooses it: both directions may differ
	sharedID           // both ends have to have the same
)

// tunnel goes into the tunnel that a UDP port stands for. bySource says that only the source port does, which is the weaker
// hypothesis.
func (d *dissection) tunnel(p *Packet, k EncapKind, port uint16, bySource bool) layer {
	switch k {
	case EncapVXLAN:
		return d.vxlan(p, port, bySource)
	case EncapGeneve:
		return d.geneve(p, port, bySource)
	}
	return atEnd
}

// String returns the kind's word in netsift's output, such as vxlan; "" for EncapNone.
func (k EncapKind) String() string { return encapsulations[k].word }

// Name returns the kind's name in prose, such as VXLAN.
func (k EncapKind) Name() string { return encapsulations[k].name }

// Proto returns the IP protocol number (IANA, protocol numbers) in the header around the encapsulation.
func (k EncapKind) Proto() uint8 { return encapsulations[k].proto }

// Ports returns the usual UDP ports of a kind that UDP carries, none for others. They are not to be changed.
func (k EncapKind) Ports() []uint16 { return encapsulations[k].ports }

// HasVNI reports whether each packet of the kind has the number of a virtual network, 0 included. GRE's has where it is not 0.
func (k EncapKind) HasVNI() bool { return encapsulations[k].id != noID }

// header returns the layer that a dissection stops at in the kind's own header.
func (k EncapKind) header() Layer { return layerEncap + Layer(k) }

// EncapSet is a set of encapsulation kinds.
type EncapSet uint16

// AllEncaps is the set of all kinds. It overflows, and does not compile, where EncapSet has fewer bits than there are kinds.
const AllEncaps EncapSet = 1<<(EncapKinds-1) - 1

// Set returns the set that holds k alone; none for EncapNone.
func (k EncapKind) Set() EncapSet { return 1 << (k - 1) }

// Has reports whether k is in s.
func (s EncapSet) Has(k EncapKind) bool { return s&k.Set() != 0 }

// All yields the kinds in s in the order of their constants.
func (s EncapSet) All() iter.Seq[EncapKind] {
	return func(yield func(EncapKind) bool) {
		for ; s != 0; s &= s - 1 {
			if !yield(EncapKind(bits.TrailingZeros16(uint16(s)) + 1)) {
				return
			}
		}
	}
}

// Unwrapped returns the set of those kinds that a Stack may hold.
func Unwrapped() (s EncapSet) {
	for k := range AllEncaps.All() {
		if !encapsulations[k].opaque {
			s |= k.Set()
		}
	}
	return s
}

// UDPTunnels returns the set of those kinds that are unwrapped behind UDP. Users may add ports to these.
func UDPTunnels() (s EncapSet) {
	for k := range Unwrapped().All() {
		if k.Proto() == wire.ProtoUDP {
			s |= k.Set()
		}
	}
	return s
}
