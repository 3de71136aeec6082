package wire

// LLC is an IEEE 802.2 header, with the SNAP extension where it announces one (IEEE 802, section 9; RFC 1042).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---------------+---------------+---------------+---------------+
//	|     DSAP      |     SSAP      |    Control    |               |
//	+---------------+---------------+---------------+               +
//	|   organization (SNAP only)    |       type (SNAP only)        |
//	+-------------------------------+-------------------------------+
//
// The accessors panic where Valid is false, those of SNAP where IsSNAP is false.
type LLC []byte

// LLCLen and SNAPLen are the lengths in bytes without and with the extension.
const (
	LLCLen  = 3
	SNAPLen = 8
)

const (
	llcUnnumbered = 0x03 // unnumbered information, the only frames without sequence numbers that carry data
	sapSNAP       = 0xaa
	sapIPv4       = 0x06
)

// Organizations whose SNAP type is an EtherType.
const (
	SNAPEtherType = 0x000000 // RFC 1042
	SNAPBridge    = 0x0000f8 // IEEE 802.1H
)

// Valid reports whether the header without extension is there.
func (b LLC) Valid() bool { return len(b) >= LLCLen }

// IsIPv4 reports whether IPv4 follows at once, without SNAP (RFC 948).
func (b LLC) IsIPv4() bool { return b[0] == sapIPv4 && b[1] == sapIPv4 && b[2] == llcUnnumbered }

// IsSNAP reports whether the SNAP extension is announced.
func (b LLC) IsSNAP() bool { return b[0] == sapSNAP && b[1] == sapSNAP && b[2] == llcUnnumbered }

// Organization returns the organization code of SNAP; eight bytes must be there.
func (b LLC) Organization() uint32 { return be.Uint32(b[2:]) & 0xffffff }

// Type returns the type of SNAP; eight bytes must be there.
func (b LLC) Type() uint16 { return be.Uint16(b[6:]) }
