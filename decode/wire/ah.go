package wire

// AH is an IP authentication header (RFC 4302, section 2).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---------------+---------------+-------------------------------+
//	|  Next Header  |  Payload Len  |           Reserved            |
//	+---------------+---------------+-------------------------------+
//	|                Security Parameters Index (SPI)                |
//	+---------------------------------------------------------------+
//	|                     Sequence Number Field                     |
//	+---------------------------------------------------------------+
//	|                Integrity Check Value (variable)               |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false.
type AH []byte

// AHLen is the length of the fixed part in bytes.
const AHLen = 12

// Valid reports whether the fixed part is there.
func (b AH) Valid() bool { return len(b) >= AHLen }

// NextHeader returns the protocol number of what follows.
func (b AH) NextHeader() uint8 { return b[0] }

// HeaderLen returns the length of the header in bytes; the field counts words minus two. Below AHLen it is malformed.
func (b AH) HeaderLen() int { return (int(b[1]) + 2) * 4 }

// SPI returns the security parameters index.
func (b AH) SPI() uint32 { return be.Uint32(b[4:]) }
