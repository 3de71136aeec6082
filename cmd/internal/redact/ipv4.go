package redact

import "github.com/netsift/netsift/decode/wire"

// Offsets in an IPv4 header (RFC 791, section 3.1).
const (
	ipv4Checksum = 10
	ipv4Src      = 12
	ipv4Dst      = 16
)

// optionNop is the option of IPv4 and of TCP that says nothing.
const optionNop = 1

// ip reads an IP header of either version, as what announces IPv4 may carry both.
func ip(w *rewrite) step {
	b := wire.IPv4(w.rest())
	if len(b) > 0 && b.Version() == 6 {
		return ipv6
	}
	if len(b) < wire.IPv4Len || b.Version() != 4 {
		return w.version()
	}
	start, n, total := len(w.out), b.HeaderLen(), b.TotalLen()
	if n < wire.IPv4Len || total < n && total != 0 {
		return w.version()
	}
	if total == 0 { // a network card was to cut it
		total = w.end - start
	}
	w.ip = ipHeader{pseudo: pseudo{src: start + ipv4Src, dst: start + ipv4Dst, size: 4}, end: start + total}
	w.sum(sum{field: ipv4Checksum, end: start + n})
	w.ip.fragment = b.MoreFragments()
	w.bound(total)
	out := w.keep(wire.IPv4Len)
	w.addr4(out[ipv4Src:])
	w.addr4(out[ipv4Dst:])
	if len(b) < n {
		return nil
	}
	// Record route, timestamps and source routes are lists of addresses.
	for i, options := 0, w.keep(n-wire.IPv4Len); i < len(options); i++ {
		options[i] = optionNop
	}
	if b.FragOffset() != 0 {
		return nil
	}
	w.protocol = b.Protocol()
	return byProtocol
}

// version ends the rewrite at an IP header that can't be read, with nothing of it but the version.
func (w *rewrite) version() step {
	if b := w.rest(); len(b) > 0 {
		w.blank(1)[0] = b[0] & 0xf0
	}
	return nil
}
