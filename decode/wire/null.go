package wire

import "math/bits"

// Null is the header of link types NULL and LOOP: an address family in four bytes,
// https://www.tcpdump.org/linktypes.html. LOOP has it in network byte order, NULL in that of the capturing machine,
// which is not always that of the file.
//
// The accessors panic where Valid is false.
type Null []byte

// NullLen is the length of the header in bytes.
const NullLen = 4

// Valid reports whether the whole header is there.
func (b Null) Valid() bool { return len(b) >= NullLen }

// Family returns the address family of NULL, or an EtherType, which some writers put there instead (from MinEtherType on).
//
// Families are small, so that of the two byte orders the one that leaves the upper half empty is meant; writers whose
// families have 16 bits leave one half empty as well. If neither does, only the lower half can be an EtherType.
func (b Null) Family() uint32 {
	n := be.Uint32(b)
	if r := bits.ReverseBytes32(n); n>>16 != 0 {
		if n &= 0xffff; r>>16 == 0 {
			n = r
		} else if n < MinEtherType {
			return 0
		}
	}
	if n < MinEtherType && n&0xff == 0 {
		n >>= 8
	}
	return n
}

// LoopFamily returns the address family of LOOP.
func (b Null) LoopFamily() uint32 { return be.Uint32(b) }

// NullIs4 reports whether family is IPv4, which has the same number everywhere.
func NullIs4(family uint32) bool { return family == 2 }

// NullIs6 reports whether family is IPv6 on Linux (10), NetBSD and OpenBSD (24), FreeBSD (28) or Darwin (30).
func NullIs6(family uint32) bool {
	return family == 10 || family == 24 || family == 28 || family == 30
}
