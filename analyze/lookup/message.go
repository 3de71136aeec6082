package lookup

import (
	"encoding/binary"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// Message is one DNS message at its first sighting.
type Message struct {
	// Time in nanoseconds since 1970, corrected for the node's clock.
	Time int64
	Ref  fact.Ref
	// Client asked, Server was asked: both as the client addressed them, for a response too.
	Client, Server netip.AddrPort
	// Backend is where the message was translated to, zero if not known; see also Tracker.Backend.
	Backend netip.AddrPort
	// Response says that it travelled from server to client.
	Response, TCP bool
	// Body is the message without the length prefix it has over TCP. It may be cut short, and is read during the call
	// only.
	Body []byte
	// Resend says that the view which shows this query showed an equal one before: not another sighting of it.
	Resend bool
}

// Record types that grouping and counting look at (RFC 1035 section 3.2.2, RFC 3596, RFC 6891).
const (
	typeA     = 1
	typeNS    = 2
	typeCNAME = 5
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

// reading is what a message says, as far as it is there. Its slices live in the Tracker and are good until the next
// message.
type reading struct {
	id        uint16
	rcode     uint8
	truncated bool
	// whole says that the question could be read: name, qtype and mixed are valid.
	whole bool
	// name is in wire form without the root's zero, in lower case: DNS compares so (RFC 4343), and resolvers that mix
	// cases (draft-vixie-dnsext-dns0x20) mix them anew for every query. mixed says that letters of both cases were there.
	name  []byte
	mixed bool
	qtype uint16
	// edns is the UDP payload size that an OPT record announces, 0 without one (RFC 6891, section 6.2.3). Queries only.
	edns uint16
	// answers counts the records of the answer section, data those of the type asked for as far as they were captured.
	answers, data int
	addrs         []netip.Addr
}

// read reports whether b is a DNS query or response worth following: standard queries with one question. Responses
// without question (some servers' errors) count as such.
func (r *reading) read(b []byte, response bool) bool {
	*r = reading{name: r.name[:0], addrs: r.addrs[:0]}
	if len(b) < 12 {
		return false
	}
	flags := binary.BigEndian.Uint16(b[2:])
	questions := binary.BigEndian.Uint16(b[4:])
	if (flags&0x8000 != 0) != response || flags>>11&0xf != 0 || questions > 1 || questions == 0 && !response {
		return false
	}
	r.id = binary.BigEndian.Uint16(b)
	r.rcode = uint8(flags & 0xf)
	r.truncated = flags&0x0200 != 0
	r.answers = int(binary.BigEndian.Uint16(b[6:]))
	if questions == 0 {
		return true
	}
	at := r.question(b, 12)
	if at < 0 {
		// A name that can't be one is no DNS; a name that was cut off is.
		return at == cutShort && response
	}
	r.whole = true
	if response {
		r.records(b, at)
	} else if r.answers == 0 && binary.BigEndian.Uint16(b[8:]) == 0 && binary.BigEndian.Uint16(b[10:]) > 0 {
		if o := b[at:]; len(o) >= 11 && o[0] == 0 && binary.BigEndian.Uint16(o[1:]) == typeOPT {
			// 512 is what sizes below mean, and tells it from no OPT at all.
			r.edns = max(binary.BigEndian.Uint16(o[3:]), 512)
		}
	}
	return true
}

// What question returns instead of an offset.
const (
	cutShort  = -1
	malformed = -2
)

// question reads name, type and class and returns the offset behind them. No pointer can be in the first name of a
// message: there is nothing before it to point at.
func (r *reading) question(b []byte, at int) int {
	var upper, lower bool
	for {
		if at >= len(b) {
			return cutShort
		}
		n := int(b[at])
		if n == 0 {
			at++
			break
		}
		if n > 63 || len(r.name)+n+1 > maxName {
			return malformed
		}
		if at+1+n > len(b) {
			return cutShort
		}
		r.name = append(r.name, b[at])
		for _, c := range b[at+1 : at+1+n] {
			switch {
			case 'A' <= c && c <= 'Z':
				upper = true
				c += 'a' - 'A'
			case 'a' <= c && c <= 'z':
				lower = true
			}
			r.name = append(r.name, c)
		}
		at += 1 + n
	}
	if at+4 > len(b) {
		return cutShort
	}
	r.qtype = binary.BigEndian.Uint16(b[at:])
	r.mixed = upper && lower
	return at + 4
}

// records reads the answer section as far as it was captured. Whose records they are is not checked: behind a chain of
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
		if len(r.addrs) < maxAddresses && (t == typeA && n == 4 || t == typeAAAA && n == 16) {
			a, _ := netip.AddrFromSlice(b[at : at+n])
			r.addrs = append(r.addrs, a)
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
			return malformed
		default:
			at += 1 + n
		}
	}
	return cutShort
}
