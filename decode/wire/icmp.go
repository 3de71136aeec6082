package wire

// ICMP is an ICMP header (RFC 792); ICMPv6 has the same form (RFC 4443, section 2.1).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---------------+---------------+-------------------------------+
//	|     Type      |     Code      |           Checksum            |
//	+---------------+---------------+-------------------------------+
//	|      Unused; or next-hop MTU; or Identifier and Sequence      |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false; Type and Code need two bytes only.
type ICMP []byte

// ICMPLen is the length of the header in bytes.
const ICMPLen = 8

// ICMP types.
const (
	ICMPEchoReply        = 0
	ICMPUnreachable      = 3
	ICMPSourceQuench     = 4
	ICMPRedirect         = 5
	ICMPEcho             = 8
	ICMPTimeExceeded     = 11
	ICMPParameterProblem = 12
)

// Codes of ICMPUnreachable.
const (
	ICMPNetUnreachable      = 0
	ICMPHostUnreachable     = 1
	ICMPProtocolUnreachable = 2
	ICMPPortUnreachable     = 3
	ICMPFragmentationNeeded = 4  // ICMPWord's low half is the next hop's MTU (RFC 1191, section 4)
	ICMPNetProhibited       = 9  // RFC 1812, section 5.2.7.1
	ICMPHostProhibited      = 10 // RFC 1812
	ICMPAdminProhibited     = 13 // RFC 1812
)

// Valid reports whether the whole header is there.
func (b ICMP) Valid() bool { return len(b) >= ICMPLen }

// Type returns the type.
func (b ICMP) Type() uint8 { return b[0] }

// Code returns the code.
func (b ICMP) Code() uint8 { return b[1] }

// Word returns the second word.
func (b ICMP) Word() uint32 { return be.Uint32(b[4:]) }

// ICMPIsError reports whether an ICMP message of this type quotes the packet that caused it.
func ICMPIsError(t uint8) bool {
	switch t {
	case ICMPUnreachable, ICMPSourceQuench, ICMPRedirect, ICMPTimeExceeded, ICMPParameterProblem:
		return true
	}
	return false
}
