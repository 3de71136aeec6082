package wire

// ARP is an ARP packet for IPv4 over Ethernet (RFC 826).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------------------------------+-------------------------------+
//	|         hardware type         |         protocol type         |
//	+---------------+---------------+-------------------------------+
//	|  hw addr len  |  pr addr len  |           operation           |
//	+---------------+---------------+-------------------------------+
//	|       sender hardware, protocol, target hardware, protocol    |
//	+---------------------------------------------------------------+
//
// The fixed accessors panic where Valid is false, the addresses where IsIPv4 is false.
type ARP []byte

// ARPLen is the length of the fixed part in bytes.
const ARPLen = 8

// arpIPv4Len is the length of a packet that maps an IPv4 address to an Ethernet address.
const arpIPv4Len = 28

const (
	arpHardware  = 0
	arpProtocol  = 2
	arpAddrLens  = 4
	arpOperation = 6
	arpSenderMAC = 8
	arpSenderIP  = 14
	arpTargetIP  = 24
)

// Operations of ARP.
const (
	ARPRequest = 1
	ARPReply   = 2
)

// Valid reports whether the fixed part is there.
func (b ARP) Valid() bool { return len(b) >= ARPLen }

// Operation returns ARPRequest, ARPReply or something rare.
func (b ARP) Operation() uint16 { return be.Uint16(b[arpOperation:]) }

// IsIPv4 reports whether b is a whole packet about IPv4 addresses on Ethernet.
func (b ARP) IsIPv4() bool {
	return len(b) >= arpIPv4Len && be.Uint16(b[arpHardware:]) == 1 && be.Uint16(b[arpProtocol:]) == EtherTypeIPv4 &&
		be.Uint16(b[arpAddrLens:]) == 0x0604
}

// SenderMAC returns the sender's Ethernet address in the low 48 bits.
func (b ARP) SenderMAC() uint64 { return be.Uint64(b[arpSenderMAC:]) >> 16 }

// Sender returns the sender's IPv4 address.
func (b ARP) Sender() Addr { return Addr4(be.Uint32(b[arpSenderIP:])) }

// Target returns the IPv4 address asked for.
func (b ARP) Target() Addr { return Addr4(be.Uint32(b[arpTargetIP:])) }
