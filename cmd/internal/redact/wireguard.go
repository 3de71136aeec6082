package redact

import (
	"slices"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// wireGuard keeps the type of a message on WireGuard's ports, and its three bytes of 0: they say whether a handshake goes on, and nothing of
// the peers. Their keys, indexes and what they send are left out.
func (w *rewrite) wireGuard(u wire.UDP) {
	ports := decode.EncapWireGuard.Ports()
	if !slices.Contains(ports, u.DstPort()) && !slices.Contains(ports, u.SrcPort()) {
		return
	}
	const typed = 4
	if wire.WireGuard(w.rest(), uint32(u.Len()-wire.UDPLen)) {
		w.keep(typed)
	}
}
