package decode

import "fmt"

// Reason says why decoding stopped before the end of the packet.
type Reason uint8

// The reasons. StopNone is the zero value: the packet was decoded to its transport payload, or to a protocol that
// netsift has no interest in.
const (
	StopNone    Reason = iota
	StopCut            // the capture has fewer bytes than the header needs (snaplen)
	StopShort          // the packet itself ends before the header does
	StopLength         // a length field contradicts its own header
	StopVersion        // a version or type field has a value that the protocol does not know
	StopDepth          // more than MaxDepth encapsulations
	StopLink           // the link type is not supported

	// Reasons is how many there are.
	Reasons = int(iota)
)

// Layer names the header at which decoding stopped.
type Layer uint8

// The layers that can stop.
const (
	LayerNone Layer = iota
	LayerLink
	LayerVLAN
	LayerMPLS
	LayerPPP
	LayerLLC
	LayerARP
	LayerIPv4
	LayerIPv6
	LayerExtension
	LayerAH
	LayerTCP
	LayerUDP
	LayerICMP
	LayerICMPv6
	LayerSCTP

	// layerEncap and an EncapKind make the layer of an encapsulation's own header.
	layerEncap
)

// Stop says where and why decoding ended early. A cut packet is an answer, not an error: everything before the stop is
// valid in the Packet.
type Stop struct {
	Reason Reason
	Layer  Layer
	// Offset is where the header begins, Need how many bytes from there were wanted. Both saturate at 65535.
	Offset, Need uint16
}

// String returns a sentence's end: "IPv4 header at byte 34 needs 20 bytes: capture cut short". It is "" for StopNone.
func (s Stop) String() string {
	if s.Reason == StopNone {
		return ""
	}
	return fmt.Sprintf("%s header at byte %d needs %d bytes: %s", s.Layer, s.Offset, s.Need, s.Reason)
}

// String returns the reason in words.
func (r Reason) String() string {
	return [...]string{
		"", "capture cut short", "packet too short", "length field contradicts the header",
		"unknown version or type", "too many encapsulations", "unsupported link type",
	}[r]
}

// String returns the layer's usual name.
func (l Layer) String() string {
	if l > layerEncap {
		return EncapKind(l - layerEncap).Name()
	}
	return [...]string{
		"", "link", "VLAN", "MPLS", "PPP", "LLC", "ARP", "IPv4", "IPv6", "IPv6 extension", "AH", "TCP", "UDP", "ICMP",
		"ICMPv6", "SCTP",
	}[l]
}
