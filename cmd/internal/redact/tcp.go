package redact

import "github.com/netsift/netsift/decode/wire"

// tcpChecksum is the offset of the checksum in a TCP header (RFC 9293, section 3.1).
const tcpChecksum = 16

func tcp(w *rewrite) step {
	b := wire.TCP(w.rest())
	w.transportSum(tcpChecksum, w.ip.end, wire.ProtoTCP)
	w.keep(min(len(b), wire.TCPLen)) // none of its fields is about anybody
	if b.Valid() {
		if n := min(len(b), b.HeaderLen()); n > wire.TCPLen {
			tcpOptions(w.keep(n - wire.TCPLen))
		}
	}
	return nil
}

// transportSum notes the checksum of the transport header that comes next.
func (w *rewrite) transportSum(field, end int, protocol uint8) {
	s := sum{field: field, end: end, pseudo: w.ip.pseudo, zeroIsNone: protocol == wire.ProtoUDP}
	s.protocol = protocol
	w.sum(s)
}

// tcpOptionLens are the lengths of the options that stay, by kind; those of SACK differ.
var tcpOptionLens = [...]int{
	2: 4,  // MSS
	3: 3,  // window scale
	4: 2,  // SACK permitted
	8: 10, // timestamps
}

const tcpOptSACK = 5

// tcpOptions replaces options by NOPs: addresses and keys of Multipath TCP (RFC 8684), Fast Open's cookie (RFC 7413),
// signatures (RFC 2385, RFC 5925), options of middleboxes, and unknown ones.
func tcpOptions(b []byte) {
	for len(b) > 0 {
		kind := b[0]
		if kind == 0 {
			break
		}
		if kind == optionNop {
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			break
		}
		n := int(b[1])
		stays := kind == tcpOptSACK && n > 2 && n%8 == 2 || int(kind) < len(tcpOptionLens) && tcpOptionLens[kind] == n
		for i := 0; !stays && i < n; i++ {
			b[i] = optionNop
		}
		b = b[n:]
	}
	clear(b) // the end of options, and what lies behind it
}
