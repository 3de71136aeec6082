package wire

// Geneve is a Geneve header (RFC 8926, section 3.4).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---+-----------+-+-+-----------+-------------------------------+
//	|Ver|  Opt Len  |O|C|    Rsvd.  |         Protocol Type         |
//	+---+-----------+-+-+-----------+---------------+---------------+
//	|       Virtual Network Identifier (VNI)        |   Reserved    |
//	+-----------------------------------------------+---------------+
//	|                    Variable-Length Options                    |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false.
type Geneve []byte

// GeneveLen is the length of the header in bytes without options.
const GeneveLen = 8

// GenevePort is the UDP port of Geneve.
const GenevePort = 6081

// Valid reports whether the header without options is there.
func (b Geneve) Valid() bool { return len(b) >= GeneveLen }

// Version returns the version; 0 is the only one.
func (b Geneve) Version() uint8 { return b[0] >> 6 }

// HeaderLen returns the length of the header in bytes with its up to 252 bytes of options.
func (b Geneve) HeaderLen() int { return GeneveLen + int(b[0]&0x3f)*4 }

// Protocol returns the EtherType of what is inside.
func (b Geneve) Protocol() uint16 { return be.Uint16(b[2:]) }

// VNI returns the network identifier.
func (b Geneve) VNI() uint32 { return be.Uint32(b[4:]) >> 8 }
