package wire

// SLL is a LINUX_SLL header, https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------------------------------+-------------------------------+
//	|          packet type          |          ARPHRD type          |
//	+-------------------------------+-------------------------------+
//	|        address length         |                               |
//	+-------------------------------+                               +
//	|                     link-layer address                        |
//	+                               +-------------------------------+
//	|                               |           protocol            |
//	+-------------------------------+-------------------------------+
//
// The accessors panic where Valid is false.
type SLL []byte

// SLLLen is the length of the header in bytes.
const SLLLen = 16

const (
	sllPacketType = 0
	sllHardware   = 2
	sllAddrLen    = 4
	sllAddr       = 6
	sllProtocol   = 14
)

// Packet types of LINUX_SLL and LINUX_SLL2 (PACKET_* of the kernel's include/uapi/linux/if_packet.h).
const (
	PacketHost      = 0 // to us
	PacketBroadcast = 1
	PacketMulticast = 2
	PacketOtherHost = 3 // to another host; a bridge port shows its pod's packets as this
	PacketOutgoing  = 4 // from us
)

// Protocols of LINUX_SLL and LINUX_SLL2 that are not EtherTypes (ETH_P_* of include/uapi/linux/if_ether.h).
const (
	SLLProtocol8023 = 1 // Novell's raw IEEE 802.3
	SLLProtocolLLC  = 4 // IEEE 802.2
	SLLProtocolPPP  = 7 // PPP in HDLC framing
)

// ARPHRD types that change the meaning of the protocol field (include/uapi/linux/if_arp.h).
const (
	HardwareFRAD    = 770
	HardwareGRE     = 778
	HardwareNetlink = 824
)

// Valid reports whether the whole header is there.
func (b SLL) Valid() bool { return len(b) >= SLLLen }

// PacketType returns one of the Packet constants.
func (b SLL) PacketType() uint16 { return be.Uint16(b[sllPacketType:]) }

// Hardware returns the ARPHRD type of the interface.
func (b SLL) Hardware() uint16 { return be.Uint16(b[sllHardware:]) }

// AddrLen returns the length of the sender's address as the header says it; more than 8 bytes are never there.
func (b SLL) AddrLen() uint16 { return be.Uint16(b[sllAddrLen:]) }

// Addr returns the first six bytes of the sender's link-layer address in the low 48 bits.
func (b SLL) Addr() uint64 { return be.Uint64(b[sllAddr:]) >> 16 }

// Protocol returns an EtherType or one of the SLLProtocol constants.
func (b SLL) Protocol() uint16 { return be.Uint16(b[sllProtocol:]) }
