package wire

// ERSPANIILen is the length in bytes of the header of ERSPAN type II (draft-foschiano-erspan-03, section 4.2), which has
// nothing that changes its length.
const ERSPANIILen = 8

// ERSPAN3 is the header of ERSPAN type III (draft-foschiano-erspan-03, section 4.3).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------+-----------------------+-----+---+-+-------------------+
//	|  Ver  |         VLAN          | COS |BSO|T|    Session ID     |
//	+-------+-----------------------+-----+---+-+-------------------+
//	|                           Timestamp                           |
//	+-------------------------------+-+---------+-----------+-+---+-+
//	|              SGT              |P|    FT   |   Hw ID   |D|Gra|O|
//	+-------------------------------+-+---------+-----------+-+---+-+
//	|        Platform-specific subheader (8 bytes, if O)            |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false.
type ERSPAN3 []byte

// ERSPAN3Len is the length of the header in bytes without subheader.
const ERSPAN3Len = 12

const erspan3SubheaderLen = 8

// Valid reports whether the header without subheader is there.
func (b ERSPAN3) Valid() bool { return len(b) >= ERSPAN3Len }

// HeaderLen returns the length of the header in bytes with its subheader.
func (b ERSPAN3) HeaderLen() int {
	if b[11]&1 != 0 {
		return ERSPAN3Len + erspan3SubheaderLen
	}
	return ERSPAN3Len
}
