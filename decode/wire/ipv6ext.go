package wire

// IPv6Extension is an IPv6 extension header of the general form (RFC 8200, section 4.3; RFC 6564): hop-by-hop options,
// routing, destination options, mobility (RFC 6275), host identity (RFC 7401), shim6 (RFC 5533).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---------------+---------------+-------------------------------+
//	|  Next Header  |  Hdr Ext Len  |                               |
//	+---------------+---------------+                               +
//	|                            contents                           |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false; JumboLen never does.
type IPv6Extension []byte

// IPv6ExtensionLen is the length of the shortest extension header in bytes.
const IPv6ExtensionLen = 8

// Valid reports whether the shortest form is there.
func (b IPv6Extension) Valid() bool { return len(b) >= IPv6ExtensionLen }

// NextHeader returns the protocol number of what follows.
func (b IPv6Extension) NextHeader() uint8 { return b[0] }

// HeaderLen returns the length of the header in bytes, a multiple of 8.
func (b IPv6Extension) HeaderLen() int { return (int(b[1]) + 1) * 8 }

// Options of a hop-by-hop header.
const (
	optionPad1  = 0
	optionJumbo = 0xc2 // RFC 2675, section 2
)

// JumboLen returns the payload length of a jumbogram (RFC 2675) if b begins with a hop-by-hop options header that
// says it, else 0.
func (b IPv6Extension) JumboLen() uint32 {
	if len(b) < IPv6ExtensionLen {
		return 0
	}
	o := b[2:min(b.HeaderLen(), len(b))]
	for len(o) >= 2 {
		if o[0] == optionPad1 {
			o = o[1:]
			continue
		}
		n := 2 + int(o[1])
		if o[0] == optionJumbo && n == 6 && len(o) >= n {
			return be.Uint32(o[2:])
		}
		if len(o) < n {
			return 0
		}
		o = o[n:]
	}
	return 0
}

// IPv6Fragment is an IPv6 fragment header (RFC 8200, section 4.5).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---------------+---------------+-------------------------+---+-+
//	|  Next Header  |   Reserved    |     Fragment Offset     |Res|M|
//	+---------------+---------------+-------------------------+---+-+
//	|                        Identification                         |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false.
type IPv6Fragment []byte

// IPv6FragmentLen is the length of the header in bytes.
const IPv6FragmentLen = 8

// Valid reports whether the whole header is there.
func (b IPv6Fragment) Valid() bool { return len(b) >= IPv6FragmentLen }

// NextHeader returns the protocol number of what follows; in later fragments too it is that of the first.
func (b IPv6Fragment) NextHeader() uint8 { return b[0] }

// FragOffset returns the fragment's offset in bytes: the field counts in eights, so masking is enough.
func (b IPv6Fragment) FragOffset() uint16 { return be.Uint16(b[2:]) &^ 7 }

// MoreFragments reports whether M is set.
func (b IPv6Fragment) MoreFragments() bool { return b[3]&1 != 0 }

// ID returns the identification.
func (b IPv6Fragment) ID() uint32 { return be.Uint32(b[4:]) }
