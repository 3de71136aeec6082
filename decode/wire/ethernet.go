package wire

// Ethernet is an Ethernet II or IEEE 802.3 header.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---------------------------------------------------------------+
//	|                      destination address                      |
//	+-------------------------------+-------------------------------+
//	|                               |                               |
//	+-------------------------------+                               +
//	|                        source address                         |
//	+-------------------------------+-------------------------------+
//	|        type or length         |
//	+-------------------------------+
//
// The accessors panic where Valid is false.
type Ethernet []byte

// EthernetLen is the length of the header in bytes, without VLAN tags.
const EthernetLen = 14

const (
	ethernetDst  = 0
	ethernetSrc  = 6
	ethernetType = 12
)

// Valid reports whether the whole header is there.
func (b Ethernet) Valid() bool { return len(b) >= EthernetLen }

// Dst returns the destination address in the low 48 bits.
func (b Ethernet) Dst() uint64 { return be.Uint64(b[ethernetDst:]) >> 16 }

// Src returns the source address in the low 48 bits.
func (b Ethernet) Src() uint64 { return be.Uint64(b[ethernetSrc:]) >> 16 }

// Type returns the EtherType, or a length if it is at most MaxLLCLen.
func (b Ethernet) Type() uint16 { return be.Uint16(b[ethernetType:]) }

// VLAN is the part of a VLAN tag that follows its EtherType (IEEE 802.1Q, section 9.6).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-----+-+-----------------------+-------------------------------+
//	| pri |d|      VLAN number      |        type or length         |
//	+-----+-+-----------------------+-------------------------------+
//
// The accessors panic where Valid is false.
type VLAN []byte

// VLANLen is the length of a tag in bytes.
const VLANLen = 4

const (
	vlanControl = 0
	vlanType    = 2
)

// Valid reports whether the whole tag is there.
func (b VLAN) Valid() bool { return len(b) >= VLANLen }

// ID returns the number of the VLAN.
func (b VLAN) ID() uint16 { return be.Uint16(b[vlanControl:]) & 0xfff }

// Type returns the EtherType of what follows, or a length.
func (b VLAN) Type() uint16 { return be.Uint16(b[vlanType:]) }

// IsVLAN reports whether t announces a VLAN tag, outer or inner.
func IsVLAN(t uint16) bool {
	return t == EtherTypeVLAN || t == EtherTypeServiceVLAN || t == EtherTypeOldServiceTag
}
