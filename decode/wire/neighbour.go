package wire

// Types of ICMPv6 messages of neighbour discovery that ask for a link-layer address, or say it (RFC 4861, sections 4.3 and 4.4).
const (
	ICMPv6NeighbourSolicitation  = 135
	ICMPv6NeighbourAdvertisement = 136
)

// Neighbour is what follows the ICMPv6 header of a neighbour solicitation or advertisement (RFC 4861, sections 4.3 and 4.4).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---------------------------------------------------------------+
//	|                    target address, 16 bytes                   |
//	+---------------+---------------+-------------------------------+
//	|  option type  | length (8 B)  |  link-layer address, 6 bytes  |
//	+---------------+---------------+-------------------------------+
//
// Target panics where Valid is false.
type Neighbour []byte

// NeighbourLen is the length of the part before the options, in bytes.
const NeighbourLen = 16

// Options of neighbour discovery that hold a link-layer address (RFC 4861, section 4.6.1).
const (
	NeighbourSourceMAC = 1 // in a solicitation
	NeighbourTargetMAC = 2 // in an advertisement
)

// Valid reports whether the target address is there.
func (b Neighbour) Valid() bool { return len(b) >= NeighbourLen }

// Target returns the address asked for, or spoken of.
func (b Neighbour) Target() Addr { return Addr6(b) }

// MAC returns the Ethernet address in the first option of a kind, in the low 48 bits, and whether there is one. Options behind one
// without length, which is malformed (RFC 4861, section 4.6), or behind the end are not read.
func (b Neighbour) MAC(option byte) (uint64, bool) {
	const unit = 8
	if !b.Valid() {
		return 0, false
	}
	for o := b[NeighbourLen:]; len(o) >= unit && o[1] != 0; {
		if o[0] == option {
			return be.Uint64(o) & (1<<48 - 1), o[1] == 1
		}
		o = o[min(unit*int(o[1]), len(o)):]
	}
	return 0, false
}
