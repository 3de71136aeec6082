package wire

// ICMPv6 types (RFC 4443, section 2.1). The header has the form of ICMP.
const (
	ICMPv6Unreachable      = 1
	ICMPv6PacketTooBig     = 2 // ICMPWord is the MTU (RFC 4443, section 3.2)
	ICMPv6TimeExceeded     = 3
	ICMPv6ParameterProblem = 4
	ICMPv6Echo             = 128
	ICMPv6EchoReply        = 129
)

// Codes of ICMPv6Unreachable (RFC 4443, section 3.1).
const (
	ICMPv6NoRoute            = 0
	ICMPv6AdminProhibited    = 1
	ICMPv6AddressUnreachable = 3
	ICMPv6PortUnreachable    = 4
)

// ICMPv6IsError reports whether an ICMPv6 message of this type quotes the packet that caused it.
func ICMPv6IsError(t uint8) bool { return t >= ICMPv6Unreachable && t <= ICMPv6ParameterProblem }
