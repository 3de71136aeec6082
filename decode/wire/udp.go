package wire

// UDP is a UDP header (RFC 768).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------------------------------+-------------------------------+
//	|          Source Port          |       Destination Port        |
//	+-------------------------------+-------------------------------+
//	|            Length             |           Checksum            |
//	+-------------------------------+-------------------------------+
//
// The accessors panic where Valid is false; the ports need four bytes only.
type UDP []byte

// UDPLen is the length of the header in bytes.
const UDPLen = 8

// Valid reports whether the whole header is there.
func (b UDP) Valid() bool { return len(b) >= UDPLen }

// SrcPort returns the source port.
func (b UDP) SrcPort() uint16 { return be.Uint16(b) }

// DstPort returns the destination port.
func (b UDP) DstPort() uint16 { return be.Uint16(b[2:]) }

// Len returns the length of header and payload in bytes; 0 in a jumbogram (RFC 2675, section 4).
func (b UDP) Len() int { return int(be.Uint16(b[4:])) }

// Checksum returns the checksum of pseudo header, header and payload, 0 for none.
func (b UDP) Checksum() uint16 { return be.Uint16(b[6:]) }
