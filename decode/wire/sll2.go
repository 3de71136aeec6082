package wire

// SLL2 is a LINUX_SLL2 header, https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------------------------------+-------------------------------+
//	|           protocol            |           reserved            |
//	+-------------------------------+-------------------------------+
//	|                        interface index                        |
//	+-------------------------------+---------------+---------------+
//	|          ARPHRD type          |  packet type  |address length |
//	+-------------------------------+---------------+---------------+
//	|                      link-layer address                       |
//	|                                                               |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false.
type SLL2 []byte

// SLL2Len is the length of the header in bytes.
const SLL2Len = 20

const (
	sll2Protocol   = 0
	sll2Interface  = 4
	sll2Hardware   = 8
	sll2PacketType = 10
	sll2AddrLen    = 11
	sll2Addr       = 12
)

// Valid reports whether the whole header is there.
func (b SLL2) Valid() bool { return len(b) >= SLL2Len }

// Protocol returns an EtherType or one of the SLLProtocol constants.
func (b SLL2) Protocol() uint16 { return be.Uint16(b[sll2Protocol:]) }

// Interface returns the kernel's index of the interface.
func (b SLL2) Interface() uint32 { return be.Uint32(b[sll2Interface:]) }

// Hardware returns the ARPHRD type of the interface.
func (b SLL2) Hardware() uint16 { return be.Uint16(b[sll2Hardware:]) }

// PacketType returns one of the Packet constants.
func (b SLL2) PacketType() uint8 { return b[sll2PacketType] }

// AddrLen returns the length of the sender's address as the header says it; more than 8 bytes are never there.
func (b SLL2) AddrLen() uint8 { return b[sll2AddrLen] }

// Addr returns the first six bytes of the sender's link-layer address in the low 48 bits.
func (b SLL2) Addr() uint64 { return be.Uint64(b[sll2Addr:]) >> 16 }
