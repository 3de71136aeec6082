package wire

// SCTP is the common header of SCTP (RFC 9260, section 3.1).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------------------------------+-------------------------------+
//	|      Source Port Number       |    Destination Port Number    |
//	+-------------------------------+-------------------------------+
//	|                       Verification Tag                        |
//	+---------------------------------------------------------------+
//	|                           Checksum                            |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false; the ports need four bytes only.
type SCTP []byte

// SCTPLen is the length of the header in bytes.
const SCTPLen = 12

// Valid reports whether the whole header is there.
func (b SCTP) Valid() bool { return len(b) >= SCTPLen }

// SrcPort returns the source port.
func (b SCTP) SrcPort() uint16 { return be.Uint16(b) }

// DstPort returns the destination port.
func (b SCTP) DstPort() uint16 { return be.Uint16(b[2:]) }

// Tag returns the verification tag, which names the association in one direction.
func (b SCTP) Tag() uint32 { return be.Uint32(b[4:]) }
