package wire

// TCPFlags are the control bits of a TCP header (RFC 9293, section 3.1).
type TCPFlags uint8

// The control bits.
const (
	FIN TCPFlags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// TCP is a TCP header (RFC 9293, section 3.1).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------------------------------+-------------------------------+
//	|          Source Port          |       Destination Port        |
//	+-------------------------------+-------------------------------+
//	|                        Sequence Number                        |
//	+---------------------------------------------------------------+
//	|                    Acknowledgment Number                      |
//	+-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
//	| Offset| Rsvd  |C|E|U|A|P|R|S|F|            Window             |
//	+-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
//	|           Checksum            |         Urgent Pointer        |
//	+-------------------------------+-------------------------------+
//
// The accessors panic if Valid is false. The ports need four bytes only, Seq eight; an ICMP error quotes at least eight
// (RFC 792).
type TCP []byte

// TCPLen is the length of the header in bytes without options.
const TCPLen = 20

const (
	tcpSrcPort = 0
	tcpDstPort = 2
	tcpSeq     = 4
	tcpAck     = 8
	tcpOffset  = 12
	tcpFlags   = 13
	tcpWindow  = 14
)

// Valid reports whether the header without options is there.
func (b TCP) Valid() bool { return len(b) >= TCPLen }

// SrcPort returns the source port.
func (b TCP) SrcPort() uint16 { return be.Uint16(b[tcpSrcPort:]) }

// DstPort returns the destination port.
func (b TCP) DstPort() uint16 { return be.Uint16(b[tcpDstPort:]) }

// Seq returns the sequence number.
func (b TCP) Seq() uint32 { return be.Uint32(b[tcpSeq:]) }

// Ack returns the acknowledgment number; it means something iff ACK is set.
func (b TCP) Ack() uint32 { return be.Uint32(b[tcpAck:]) }

// HeaderLen returns the length of the header with options in bytes, below TCPLen if malformed.
func (b TCP) HeaderLen() int { return int(b[tcpOffset]>>4) * 4 }

// Flags returns the control bits.
func (b TCP) Flags() TCPFlags { return TCPFlags(b[tcpFlags]) }

// Window returns the window as it is on the wire, unscaled.
func (b TCP) Window() uint16 { return be.Uint16(b[tcpWindow:]) }
