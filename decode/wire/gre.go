package wire

// GRE is a GRE header: RFC 2784 with RFC 2890's key and sequence number, RFC 1701's routing, RFC 2637's version 1.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-----+-+-------+-----+-------------------------------+
//	|C|R|K|S|s|Recur|A| Flags | Ver |         Protocol Type         |
//	+-+-+-+-+-+-----+-+-------+-----+-------------------------------+
//	|      Checksum (C or R)        |       Offset (C or R)         |
//	+-------------------------------+-------------------------------+
//	|                            Key (K)                            |
//	+---------------------------------------------------------------+
//	|                      Sequence Number (S)                      |
//	+---------------------------------------------------------------+
//	|              Acknowledgment Number (A, PPP only)              |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false; Key also where the header is shorter than HeaderLen.
type GRE []byte

// GRELen is the length of the fixed part in bytes.
const GRELen = 4

const (
	greChecksum    = 0x8000
	greRouting     = 0x4000
	greKey         = 0x2000
	greSequence    = 0x1000
	greAcknowledge = 0x0080
	greVersion     = 0x0007
)

// Protocol types of GRE that are not EtherTypes elsewhere.
const (
	GREERSPANIII = 0x22eb
	GREMikroTik  = 0x6400 // EoIP, an Ethernet frame in a version 1 header
	GREWCCP      = 0x883e
	GREERSPAN    = 0x88be // type I without, type II with a sequence number
)

// Valid reports whether the fixed part is there.
func (b GRE) Valid() bool { return len(b) >= GRELen }

func (b GRE) flags() uint16 { return be.Uint16(b) }

// Version returns 0, or 1 for PPTP's form.
func (b GRE) Version() uint8 { return b[1] & greVersion }

// Protocol returns the protocol type.
func (b GRE) Protocol() uint16 { return be.Uint16(b[2:]) }

// HasKey reports whether there is a key.
func (b GRE) HasKey() bool { return b.flags()&greKey != 0 }

// HasSequence reports whether there is a sequence number.
func (b GRE) HasSequence() bool { return b.flags()&greSequence != 0 }

// HasRouting reports whether source route entries follow the header (RFC 1701).
func (b GRE) HasRouting() bool { return b.flags()&greRouting != 0 }

// HeaderLen returns the length of the header in bytes with its optional fields, without source route entries.
func (b GRE) HeaderLen() int {
	f, n := b.flags(), GRELen
	if f&(greChecksum|greRouting) != 0 {
		n += 4
	}
	if f&greKey != 0 {
		n += 4
	}
	if f&greSequence != 0 {
		n += 4
	}
	if f&greAcknowledge != 0 && b.Protocol() == EtherTypePPP {
		n += 4
	}
	return n
}

// Key returns the key, 0 where there is none. In PPTP's form it is the call id and the payload length.
func (b GRE) Key() uint32 {
	if !b.HasKey() {
		return 0
	}
	if b.flags()&(greChecksum|greRouting) != 0 {
		return be.Uint32(b[8:])
	}
	return be.Uint32(b[4:])
}
