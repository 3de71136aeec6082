package decode

import (
	"github.com/netsift/netsift/decode/wire"
)

// Direction says on which way a frame crossed the interface it was captured on.
type Direction uint8

// The direction in LINUX_SLL and LINUX_SLL2. OTHERHOST (3), as a bridge port shows a pod's packet, counts as In.
const (
	DirUnknown Direction = iota
	DirIn
	DirOut
)

// Network is the network protocol of a packet's innermost header.
type Network uint8

// The network protocols that are told apart.
const (
	NetOther Network = iota
	NetIPv4
	NetIPv6
	NetARP
)

// Has is the set of Packet fields that were on the wire and could be read.
type Has uint16

// Fields of a packet.
const (
	// HasPorts: SrcPort and DstPort (TCP, UDP, SCTP; for an ICMP echo both are its identifier).
	HasPorts Has = 1 << iota
	// HasTCP: Seq, Ack, Flags and Window.
	HasTCP
	// HasTimestamps: TSVal and TSEcr (RFC 7323).
	HasTimestamps
	// HasMSS: MSS (SYN and SYN-ACK).
	HasMSS
	// HasWindowScale: WindowScale (SYN and SYN-ACK).
	HasWindowScale
	// HasSACK: SACKLeft and SACKRight, the first block (RFC 2018; a D-SACK where it lies at or below Ack, RFC 2883).
	HasSACK
	// HasICMP: ICMPType, ICMPCode and ICMPWord.
	HasICMP
	// HasQuote: the ICMP error quotes a packet, see Decoder.Quote.
	HasQuote
	// HasDF: the innermost IPv4 header has Don't Fragment set. IPv6 packets always have it.
	HasDF
	// HasMF: the innermost header is a fragment with more to follow; with FragOffset 0 it is the first one.
	HasMF
	// HasOuterFragment: an encapsulating IP header is itself the first fragment of a larger packet.
	HasOuterFragment
	// HasSegmentation: the IP length field was 0 and the length was taken from the wire or the jumbo option (TSO, BIG TCP).
	HasSegmentation
	// HasSeq: Seq. It comes with HasTCP, and without it where only eight bytes of the TCP header are there, as in an
	// ICMP quote of the least length (RFC 792) or a capture with a small snaplen.
	HasSeq
)

// Packet is a frame decoded: where it was seen, its encapsulations, and its innermost network and transport header.
// It is flat and holds no pointer. The caller of Decoder.Decode sets Time, Frame and Interface; Decode sets every other field.
type Packet struct {
	// Time is in nanoseconds since 1970, as captured; the engine corrects it for the clock of its node. Set by the caller.
	Time int64
	// Frame is the frame's number in its file. Set by the caller.
	Frame uint64
	// Src and Dst are the innermost addresses. Valid iff Network is NetIPv4 or NetIPv6.
	Src, Dst wire.Addr
	// MAC is the sender's link-layer address of the frame (not of an inner Ethernet header) in the low 48 bits, 0 where
	// there is none.
	MAC uint64
	// Block-relative position of the innermost transport payload: Payload is its offset in the frame's captured bytes,
	// PayloadCap the number of its bytes that were captured, PayloadLen that on the wire (by the IP and UDP lengths).
	// Valid iff Network is NetIPv4 or NetIPv6. If Stop says that a header could not be read, or behind a later fragment
	// or a protocol without ports, they describe the bytes after the last header read. Of a TCP header that was cut
	// in its options the length is known: PayloadLen is right, and PayloadCap 0.
	Payload, PayloadCap, PayloadLen uint32
	// Inner is the offset of the innermost network header in the frame's captured bytes. Valid iff Network is not NetOther.
	Inner uint32
	// IPLen is the total length of the innermost IP packet in bytes, header included, as its header says it: a cut packet
	// has its full length. OuterIPLen is that of the outermost one; equal to IPLen without encapsulation.
	IPLen, OuterIPLen uint32
	// Cap and Wire are the lengths of the frame: captured, and on the wire.
	Cap, Wire uint32
	// Interface is the kernel's interface index, set by Decode, for LINUX_SLL2; else the index of the interface in its
	// file, set by the caller.
	Interface uint32
	// Stack names the encapsulations from outermost to innermost; 0 for none. See Stacks.
	Stack StackID
	// Seq, Ack, TSVal, TSEcr, SACKLeft, SACKRight: see Has.
	Seq, Ack            uint32
	TSVal, TSEcr        uint32
	SACKLeft, SACKRight uint32
	ICMPWord            uint32 // the second word of the ICMP header: MTU, pointer, or identifier and sequence number
	IPID                uint32 // identification of the innermost header; for IPv6 that of a fragment header, else 0
	SrcPort, DstPort    uint16
	Window, MSS         uint16
	FragOffset          uint16 // in bytes
	Hardware            uint16 // ARPHRD type (LINUX_SLL, LINUX_SLL2), else 0
	Has                 Has
	Flags               wire.TCPFlags
	WindowScale         uint8
	ICMPType, ICMPCode  uint8
	Proto               uint8 // IP protocol number of what follows the innermost IP header and its extension headers
	TTL, OuterTTL       uint8
	Network             Network
	Direction           Direction
	// Encaps is the set of encapsulation kinds in Stack. It is right even where Stacks is full.
	Encaps EncapSet
	Stop   Stop
}
