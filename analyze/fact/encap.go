package fact

import (
	"net/netip"

	"github.com/netsift/netsift/decode"
)

// Encap is one encapsulation of a leg, oriented from client to server.
type Encap struct {
	Kind decode.EncapKind
	// VNI is the virtual network identifier or GRE key, 0 where there is none; that of the direction which was seen first.
	VNI      uint32
	Src, Dst netip.Addr
	// Port is the destination port of a kind that UDP carries, else 0.
	Port uint16
	// Overhead is the number of bytes that the encapsulation adds to the inner IP packet.
	Overhead uint32
}
