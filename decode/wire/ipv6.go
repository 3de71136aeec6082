package wire

// IPv6 is an IPv6 header (RFC 8200, section 3).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------+---------------+---------------------------------------+
//	|Version| Traffic Class |              Flow Label               |
//	+-------+---------------+-------+---------------+---------------+
//	|        Payload Length         |  Next Header  |   Hop Limit   |
//	+-------------------------------+---------------+---------------+
//	|                    Source Address (16 bytes)                  |
//	+---------------------------------------------------------------+
//	|                 Destination Address (16 bytes)                |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false.
type IPv6 []byte

// IPv6Len is the length of the header in bytes.
const IPv6Len = 40

const (
	ipv6Version    = 0
	ipv6PayloadLen = 4
	ipv6NextHeader = 6
	ipv6HopLimit   = 7
	ipv6Src        = 8
	ipv6Dst        = 24
)

// Valid reports whether the whole header is there.
func (b IPv6) Valid() bool { return len(b) >= IPv6Len }

// Version returns the IP version.
func (b IPv6) Version() uint8 { return b[ipv6Version] >> 4 }

// PayloadLen returns the length in bytes of all that follows the header, 0 in a jumbogram (RFC 2675).
func (b IPv6) PayloadLen() int { return int(be.Uint16(b[ipv6PayloadLen:])) }

// NextHeader returns the protocol number of what follows.
func (b IPv6) NextHeader() uint8 { return b[ipv6NextHeader] }

// HopLimit returns the hop limit.
func (b IPv6) HopLimit() uint8 { return b[ipv6HopLimit] }

// Src returns the source address.
func (b IPv6) Src() Addr { return Addr6(b[ipv6Src:]) }

// Dst returns the destination address.
func (b IPv6) Dst() Addr { return Addr6(b[ipv6Dst:]) }
