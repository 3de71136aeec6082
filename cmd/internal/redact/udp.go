package redact

import (
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// udpChecksum is the offset of the checksum in a UDP header (RFC 768).
const udpChecksum = 6

func udp(w *rewrite) step {
	b := wire.UDP(w.rest())
	if !b.Valid() {
		w.keep(len(b))
		return nil
	}
	end := w.ip.end
	if n := b.Len(); n != 0 {
		if n < wire.UDPLen {
			w.keep(wire.UDPLen)
			return nil
		}
		end = min(end, len(w.out)+n)
		w.bound(n)
	}
	w.transportSum(udpChecksum, end, wire.ProtoUDP)
	w.keep(wire.UDPLen)
	src, dst := b.SrcPort(), b.DstPort()
	if k := w.ports.Kind(dst); k != decode.EncapNone {
		return w.tunnel(k, false)
	}
	if k := w.ports.Kind(src); k != decode.EncapNone {
		return w.tunnel(k, true)
	}
	w.wireGuard(b)
	return nil
}

// tunnel goes into the tunnel that a UDP port stands for, as package decode does.
func (w *rewrite) tunnel(k decode.EncapKind, bySource bool) step {
	switch k {
	case decode.EncapVXLAN:
		return w.vxlan(bySource)
	case decode.EncapGeneve:
		return w.geneve(bySource)
	}
	return nil
}
