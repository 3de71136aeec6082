package lookup

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Message is one DNS message at its first sighting.
type Message struct {
	// Time in nanoseconds since 1970, corrected for the node's clock.
	Time int64
	Ref  fact.Ref
	// Client asked, Server was asked: both as the client addressed them, for a response too.
	Client, Server netip.AddrPort
	// Backend is where the message was translated to, zero if not known.
	Backend netip.AddrPort
	// Response is set if it travelled from server to client.
	Response, TCP bool
	// Body is the message without the length prefix it has over TCP. It may be cut short, and is read during the call
	// only.
	Body []byte
	// Resend is set if the view of this query showed an equal one before: it is not another sighting.
	Resend bool
}

// Record types that grouping and counting look at (RFC 1035 section 3.2.2, RFC 3596, RFC 6891).
const (
	typeA     = 1
	typeNS    = 2
	typeHINFO = 13
	typeAAAA  = 28
	typeOPT   = 41
	typeANY   = 255
)

// Response codes (RFC 1035, section 4.1.1).
const (
	rcodeNoError  = 0
	rcodeServfail = 2
	rcodeNXDomain = 3
)

// maxAddresses bounds the addresses kept of one answer. A headless Service may have thousands.
const maxAddresses = 64

// reading is the content of a message, as far as captured. Its slices live in the Tracker and are good until the next
// message.
type reading struct {
	id        uint16
	rcode     uint8
	truncated bool
	// whole is set if the question could be read: name and qtype are valid.
	whole bool
	// name is in wire form without the root's zero, in lower case: DNS compares so (RFC 4343). spelling is the name as it
	// was written where that is in both cases, else nil. Queries only.
	name, spelling []byte
	qtype          uint16
	// edns is the UDP payload size that an OPT record announces, 0 without one (RFC 6891, section 6.2.3). Queries only.
	edns uint16
	// answers counts the records of the answer section, data those of the type asked for as far as they were captured.
	answers, data int
	addrs         []address
}

// classIN is the Internet's class. The others are for asking servers about themselves (RFC 4892).
const classIN = 1

// read reports whether b is a DNS query or response worth following: standard queries with one question. Responses
// without a question that can be read (some servers' errors, cut packets) count as such.
func (r *reading) read(b []byte, response bool) bool {
	*r = reading{name: r.name[:0], addrs: r.addrs[:0]}
	h := wire.DNS(b)
	if !h.Valid() {
		return false
	}
	flags, answers := h.Flags(), h.Answers()
	if flags&wire.DNSResponse != 0 != response || flags.Opcode() != 0 || h.Questions() > 1 {
		return false
	}
	r.id, r.rcode, r.truncated, r.answers = h.ID(), uint8(flags.RCode()), flags&wire.DNSTruncated != 0, int(answers)
	if h.Questions() == 0 {
		return response
	}
	name, at := decode.AppendName(r.name, b, wireHeader)
	if at == 0 || len(b)-at < 4 {
		return response
	}
	r.qtype = binary.BigEndian.Uint16(b[at:])
	if binary.BigEndian.Uint16(b[at+2:]) != classIN {
		return false
	}
	r.name, r.whole = name[:len(name)-1], true
	if asked := b[wireHeader:at]; !response && !bytes.Equal(asked, name) {
		r.spelling = mixed(asked)
	}
	at += 4
	switch {
	case response:
		r.records(b, at)
	case answers == 0 && h.Authorities() == 0 && h.Additionals() > 0:
		if o := b[at:]; len(o) >= 11 && o[0] == 0 && binary.BigEndian.Uint16(o[1:]) == typeOPT {
			// Sizes below 512 mean 512 (RFC 6891, section 6.2.3); 0 would mean no OPT at all.
			r.edns = max(binary.BigEndian.Uint16(o[3:]), 512)
		}
	}
	return true
}

// wireHeader is the length of a message's header (RFC 1035, section 4.1.1).
const wireHeader = 12

// mixed returns a name that has letters of both cases, nil for others. Length bytes are below 64 and no letters.
func mixed(name []byte) []byte {
	upper, lower := false, false
	for _, c := range name {
		upper = upper || 'A' <= c && c <= 'Z'
		lower = lower || 'a' <= c && c <= 'z'
	}
	if upper && lower {
		return name
	}
	return nil
}

// records reads the answer section as far as it was captured. The records' owner is not checked: behind a chain of
// CNAMEs it is another name than the one asked for.
func (r *reading) records(b []byte, at int) {
	for range min(r.answers, 4096) {
		at = skipName(b, at)
		if at < 0 || at+10 > len(b) {
			return
		}
		t := binary.BigEndian.Uint16(b[at:])
		n := int(binary.BigEndian.Uint16(b[at+8:]))
		at += 10
		if t == r.qtype || r.qtype == typeANY {
			r.data++
		}
		if at+n > len(b) {
			return
		}
		switch {
		case len(r.addrs) == maxAddresses:
		case t == typeA && n == 4:
			r.addrs = append(r.addrs, address{wire.Addr4(binary.BigEndian.Uint32(b[at:])), true})
		case t == typeAAAA && n == 16:
			r.addrs = append(r.addrs, address{addr: wire.Addr6(b[at:])})
		}
		at += n
	}
}

// skipName returns the offset behind a possibly compressed name, negative where it ends outside of b.
func skipName(b []byte, at int) int {
	for at < len(b) {
		switch n := int(b[at]); {
		case n == 0:
			return at + 1
		case n >= 0xc0:
			return at + 2
		case n > 63:
			return -1
		default:
			at += 1 + n
		}
	}
	return -1
}
