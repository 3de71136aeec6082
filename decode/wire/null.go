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

// Family returns the address family. Families are small, so that of the two byte orders the one that leaves the upper
// half empty is meant. Where none does, the lower half is an EtherType, which some writers put there.
func (b Null) Family() uint32 {
	v := be.Uint32(b)
	if r := bits.ReverseBytes32(v); v>>16 != 0 && r>>16 == 0 {
		return r
	}
	return v & 0xffff
}

// NullIs4 reports whether family is IPv4, which has the same number everywhere.
func NullIs4(family uint32) bool { return family == 2 }

// NullIs6 reports whether family is IPv6 on Linux (10), NetBSD and OpenBSD (24), FreeBSD (28) or Darwin (30).
func NullIs6(family uint32) bool {
	return family == 10 || family == 24 || family == 28 || family == 30
}
