package decode

import "github.com/netsift/netsift/decode/wire"

// DNS is the header and the first question of a DNS message (RFC 1035, section 4).
type DNS struct {
	// Flags has QR, AA, TC, RD, RA, and by its methods the opcode and the response code without EDNS's upper bits.
	Flags wire.DNSFlags
	ID    uint16
	// The numbers of records that the header promises.
	Questions, Answers, Authorities, Additionals uint16
	// Type and Class are those of the first question. Valid iff HasQuestion.
	Type, Class uint16
	// HasQuestion: there is a first question and it could be read whole.
	HasQuestion bool
	// Name is the name asked for. Valid iff HasQuestion.
	Name Name
}

// Response reports whether m is a response.
func (m *DNS) Response() bool { return m.Flags&wire.DNSResponse != 0 }

// Truncated reports whether the server cut its answer, so that the client should ask again over TCP.
func (m *DNS) Truncated() bool { return m.Flags&wire.DNSTruncated != 0 }

// NXDomain reports whether m is a response that says that the name does not exist.
func (m *DNS) NXDomain() bool { return m.Response() && m.Flags.RCode() == wire.DNSNameError }

// ParseDNS reads a DNS message as it is in a UDP payload; it reports false where the header is not whole. A question that
// is cut or malformed leaves HasQuestion false. Over TCP the caller takes off the two bytes of length.
func ParseDNS(payload []byte) (m DNS, ok bool) {
	h := wire.DNS(payload)
	if !h.Valid() {
		return m, false
	}
	m.ID, m.Flags = h.ID(), h.Flags()
	m.Questions, m.Answers, m.Authorities, m.Additionals = h.Questions(), h.Answers(), h.Authorities(), h.Additionals()
	if m.Questions == 0 {
		return m, true
	}
	n := m.Name.read(payload, wire.DNSLen)
	if n == 0 || len(payload)-n < 4 {
		m.Name = Name{}
		return m, true
	}
	m.Type = uint16(payload[n])<<8 | uint16(payload[n+1])
	m.Class = uint16(payload[n+2])<<8 | uint16(payload[n+3])
	m.HasQuestion = true
	return m, true
}
