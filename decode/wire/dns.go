package wire

// DNS is a DNS header (RFC 1035, section 4.1.1).
//
//	 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
//	+-----------------------------------------------+
//	|                      ID                       |
//	+--+-----------+--+--+--+--+--+--+--+-----------+
//	|QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
//	+--+-----------+--+--+--+--+--+--+--+-----------+
//	|      QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT       |
//	+-----------------------------------------------+
//
// The accessors panic where Valid is false.
type DNS []byte

// DNSLen is the length of the header in bytes.
const DNSLen = 12

// DNSPort is the port of DNS, over UDP and TCP.
const DNSPort = 53

// DNSFlags is the second word of a DNS header.
type DNSFlags uint16

// The bits of DNSFlags (RFC 1035; AD and CD: RFC 4035, section 3).
const (
	DNSResponse           DNSFlags = 1 << 15
	DNSAuthoritative      DNSFlags = 1 << 10
	DNSTruncated          DNSFlags = 1 << 9
	DNSRecursionDesired   DNSFlags = 1 << 8
	DNSRecursionAvailable DNSFlags = 1 << 7
	DNSAuthenticData      DNSFlags = 1 << 5
	DNSCheckingDisabled   DNSFlags = 1 << 4
)

// Opcode returns the kind of query, 0 for an ordinary one.
func (f DNSFlags) Opcode() uint8 { return uint8(f>>11) & 15 }

// RCode returns the response code without EDNS's upper bits.
func (f DNSFlags) RCode() uint8 { return uint8(f) & 15 }

// DNSNameError is the response code of NXDOMAIN.
const DNSNameError = 3

// Valid reports whether the whole header is there.
func (b DNS) Valid() bool { return len(b) >= DNSLen }

// ID returns the message's id.
func (b DNS) ID() uint16 { return be.Uint16(b) }

// Flags returns the second word.
func (b DNS) Flags() DNSFlags { return DNSFlags(be.Uint16(b[2:])) }

// Questions, Answers, Authorities and Additionals return the numbers of records that the header promises.
func (b DNS) Questions() uint16 { return be.Uint16(b[4:]) }

// Answers returns ANCOUNT.
func (b DNS) Answers() uint16 { return be.Uint16(b[6:]) }

// Authorities returns NSCOUNT.
func (b DNS) Authorities() uint16 { return be.Uint16(b[8:]) }

// Additionals returns ARCOUNT.
func (b DNS) Additionals() uint16 { return be.Uint16(b[10:]) }
