package wire

// MPLS is one entry of an MPLS label stack (RFC 3032, section 2.1).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---------------------------------------+-----+-+---------------+
//	|                 Label                 | Exp |S|      TTL      |
//	+---------------------------------------+-----+-+---------------+
//
// The accessors panic where Valid is false.
type MPLS []byte

// MPLSLen is the length of an entry in bytes.
const MPLSLen = 4

// Reserved labels (RFC 3032, section 2.1).
const (
	MPLSLabelIPv4Null = 0
	MPLSLabelIPv6Null = 2
)

// Valid reports whether the whole entry is there.
func (b MPLS) Valid() bool { return len(b) >= MPLSLen }

// Label returns the label.
func (b MPLS) Label() uint32 { return be.Uint32(b) >> 12 }

// Bottom reports whether this is the last entry.
func (b MPLS) Bottom() bool { return b[2]&1 != 0 }
