package wire

// IPv4 is an IPv4 header (RFC 791, section 3.1).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------+-------+---------------+-------------------------------+
//	|Version|  IHL  |Type of Service|         Total Length          |
//	+-------+-------+---------------+-----+-------------------------+
//	|        Identification         |Flags|     Fragment Offset     |
//	+---------------+---------------+-----+-------------------------+
//	| Time to Live  |   Protocol    |        Header Checksum        |
//	+---------------+---------------+-------------------------------+
//	|                        Source Address                         |
//	+---------------------------------------------------------------+
//	|                      Destination Address                      |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false. Valid says nothing about the version, the header length or the total
// length: each has lawful exceptions that package decode knows.
type IPv4 []byte

// IPv4Len is the length of the header in bytes without options.
const IPv4Len = 20

const (
	ipv4VersionIHL = 0
	ipv4TotalLen   = 2
	ipv4ID         = 4
	ipv4Fragment   = 6
	ipv4TTL        = 8
	ipv4Protocol   = 9
	ipv4Checksum   = 10
	ipv4Src        = 12
	ipv4Dst        = 16
)

const (
	ipv4DontFragment  = 0x4000
	ipv4MoreFragments = 0x2000
	ipv4OffsetMask    = 0x1fff
)

// Valid reports whether the header without options is there.
func (b IPv4) Valid() bool { return len(b) >= IPv4Len }

// Version returns the IP version; the accessor needs one byte only.
func (b IPv4) Version() uint8 { return b[ipv4VersionIHL] >> 4 }

// HeaderLen returns the length of the header with options in bytes: a multiple of 4 up to 60, below IPv4Len if malformed.
func (b IPv4) HeaderLen() int { return int(b[ipv4VersionIHL]&15) * 4 }

// Plain reports whether the header is one of version 4 without options, of a packet that is no fragment.
func (b IPv4) Plain() bool {
	return b[ipv4VersionIHL] == 0x45 && be.Uint16(b[ipv4Fragment:])&(ipv4MoreFragments|ipv4OffsetMask) == 0
}

// TotalLen returns the length of the packet in bytes, 0 where a network card is still to cut it into segments.
func (b IPv4) TotalLen() int { return int(be.Uint16(b[ipv4TotalLen:])) }

// ID returns the identification.
func (b IPv4) ID() uint16 { return be.Uint16(b[ipv4ID:]) }

// DontFragment reports whether DF is set.
func (b IPv4) DontFragment() bool { return be.Uint16(b[ipv4Fragment:])&ipv4DontFragment != 0 }

// MoreFragments reports whether MF is set.
func (b IPv4) MoreFragments() bool { return be.Uint16(b[ipv4Fragment:])&ipv4MoreFragments != 0 }

// FragOffset returns the fragment's offset in bytes.
func (b IPv4) FragOffset() uint16 { return be.Uint16(b[ipv4Fragment:]) & ipv4OffsetMask << 3 }

// TTL returns the time to live.
func (b IPv4) TTL() uint8 { return b[ipv4TTL] }

// Protocol returns the protocol number of what follows.
func (b IPv4) Protocol() uint8 { return b[ipv4Protocol] }

// Src returns the source address.
func (b IPv4) Src() Addr { return Addr4(be.Uint32(b[ipv4Src:])) }

// Dst returns the destination address.
func (b IPv4) Dst() Addr { return Addr4(be.Uint32(b[ipv4Dst:])) }

// SetChecksum sets the header's checksum (RFC 791, section 3.1; RFC 1071) to what its other bytes make; b is the header alone, options included.
func (b IPv4) SetChecksum() {
	b[ipv4Checksum], b[ipv4Checksum+1] = 0, 0
	sum := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(be.Uint16(b[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	be.PutUint16(b[ipv4Checksum:], ^uint16(sum))
}
