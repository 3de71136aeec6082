package wire

// VXLAN is a VXLAN header (RFC 7348, section 5); a group policy id may lie in its reserved bits
// (draft-smith-vxlan-group-policy).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-----------------------------------------------+
//	|R|R|R|R|I|R|R|R|                   Reserved                    |
//	+-+-+-+-+-+-+-+-+-------------------------------+---------------+
//	|        VXLAN Network Identifier (VNI)         |   Reserved    |
//	+-----------------------------------------------+---------------+
//
// The accessors panic where Valid is false.
type VXLAN []byte

// VXLANLen is the length of the header in bytes.
const VXLANLen = 8

const vxlanHasVNI = 0x08

// UDP ports of VXLAN.
const (
	VXLANPort      = 4789 // IANA's
	VXLANLinuxPort = 8472 // the Linux kernel's default (drivers/net/vxlan), so flannel's and Cilium's
)

// Valid reports whether the whole header is there.
func (b VXLAN) Valid() bool { return len(b) >= VXLANLen }

// HasVNI reports whether the I flag is set, as it must be; the accessor needs one byte only.
func (b VXLAN) HasVNI() bool { return b[0]&vxlanHasVNI != 0 }

// Plain reports whether nothing but the I flag and the VNI is set, as all senders without extensions have it.
func (b VXLAN) Plain() bool { return be.Uint32(b) == vxlanHasVNI<<24 && b[7] == 0 }

// VNI returns the network identifier.
func (b VXLAN) VNI() uint32 { return be.Uint32(b[4:]) >> 8 }
