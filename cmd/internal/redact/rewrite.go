package redact

import (
	"net/netip"

	"github.com/netsift/netsift/decode"
)

// rewrite is the way through one frame, from header to header as package decode goes it. It does not change bytes but adds
// to out those that it understands, so that unknown ones can't be there.
type rewrite struct {
	key   *Key
	ports *decode.TunnelPorts
	// data is the frame, out[i] is what became of data[i]: the next header begins at len(out). Before limit end the
	// captured bytes of the packet in work, before end its bytes on the wire.
	data, out  []byte
	limit, end int
	sums       []sum
	// depth is the number of encapsulations, of a quoted packet those of the quote.
	depth     int
	etherType uint16
	protocol  uint8
	ip        ipHeader
}

// ipHeader is the innermost IP header so far.
type ipHeader struct {
	pseudo
	// end is where the packet ends by its own header. It may be beyond everything.
	end int
	// v6: extension headers may follow. fragment: a checksum is about more than this packet.
	v6, fragment bool
}

// step is the header that comes next; nil is none.
type step func(*rewrite) step

// rest returns the captured bytes of the packet in work from the next header on.
func (w *rewrite) rest() []byte { return w.data[len(w.out):w.limit] }

// bound ends the packet in work n bytes from here, if it does not end earlier.
func (w *rewrite) bound(n int) {
	n += len(w.out)
	w.end = min(w.end, n)
	w.limit = min(w.limit, n)
}

// keep adds the next n bytes as they are, and returns them to be changed.
func (w *rewrite) keep(n int) []byte {
	at := len(w.out)
	w.out = append(w.out, w.rest()[:n]...)
	return w.out[at:]
}

// blank adds zeros instead of the next n bytes.
func (w *rewrite) blank(n int) []byte {
	b := w.keep(n)
	clear(b)
	return b
}

// enter reports whether one more encapsulation is unwrapped.
func (w *rewrite) enter() bool {
	if w.depth == decode.MaxDepth {
		return false
	}
	w.depth++
	return true
}

// sum notes a checksum over the bytes from here on. s.end is where they end according to the headers.
func (w *rewrite) sum(s sum) {
	s.start = len(w.out)
	s.field += s.start
	s.whole = s.end <= w.limit && !w.ip.fragment
	w.sums = append(w.sums, s)
}

// mac replaces the MAC address at the beginning of b.
func (w *rewrite) mac(b []byte) {
	mac := w.key.MAC([6]byte(b))
	copy(b, mac[:])
}

// addr4 replaces the IPv4 address at the beginning of b.
func (w *rewrite) addr4(b []byte) {
	a := w.key.Addr(netip.AddrFrom4([4]byte(b))).As4()
	copy(b, a[:])
}

// addr6 replaces the IPv6 address at the beginning of b.
func (w *rewrite) addr6(b []byte) {
	a := w.key.Addr(netip.AddrFrom16([16]byte(b))).As16()
	copy(b, a[:])
}
