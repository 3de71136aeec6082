package wire

// PPP is what PPP puts before its payload: the protocol field in one or two bytes, after an optional address and control
// field (RFC 1661, section 2; RFC 1662, section 3.1).
//
//	+----------+----------+----------------+
//	|   0xff   |   0x03   |    Protocol    |
//	+----------+----------+----------------+
//
// No accessor panics.
type PPP []byte

// PPP protocol numbers, https://www.iana.org/assignments/ppp-numbers.
const (
	PPPIPv4          = 0x0021
	PPPIPv6          = 0x0057
	PPPMPLS          = 0x0281
	PPPMPLSMulticast = 0x0283
)

// PPPLen is the length of the longest form of the protocol field in bytes, without address and control.
const PPPLen = 2

// HasAddress reports whether the address and control field is there. The address alone tells: no protocol begins so.
func (b PPP) HasAddress() bool { return len(b) >= 2 && b[0] == 0xff }

// Protocol returns the protocol and the number of bytes up to the payload; n is 0 where the field is not whole.
// The lowest bit of the protocol's last byte is set, of its first one not, which tells the compressed form (RFC 1661,
// section 6.5).
func (b PPP) Protocol() (protocol uint16, n int) {
	if b.HasAddress() {
		b, n = b[2:], 2
	}
	switch {
	case len(b) >= 1 && b[0]&1 != 0:
		return uint16(b[0]), n + 1
	case len(b) >= 2:
		return be.Uint16(b), n + 2
	}
	return 0, 0
}

// PPPoE is a PPPoE header (RFC 2516, section 4).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------+-------+---------------+-------------------------------+
//	|  VER  | TYPE  |     CODE      |          SESSION_ID           |
//	+-------+-------+---------------+-------------------------------+
//	|            LENGTH             |
//	+-------------------------------+
//
// The accessors panic where Valid is false.
type PPPoE []byte

// PPPoELen is the length of the header in bytes.
const PPPoELen = 6

// Valid reports whether the whole header is there.
func (b PPPoE) Valid() bool { return len(b) >= PPPoELen }

// Code returns the code, 0 for session data.
func (b PPPoE) Code() uint8 { return b[1] }

// PayloadLen returns the length in bytes of what follows.
func (b PPPoE) PayloadLen() int { return int(be.Uint16(b[4:])) }
