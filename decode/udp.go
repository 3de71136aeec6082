package decode

import "github.com/netsift/netsift/decode/wire"

func (w *walk) udp(p *Packet) layer {
	b := wire.UDP(w.rest())
	if !b.Valid() {
		if len(b) >= 4 {
			p.SrcPort, p.DstPort = b.SrcPort(), b.DstPort()
			p.Has |= HasPorts
		}
		return w.short(p, LayerUDP, wire.UDPLen)
	}
	src, dst := b.SrcPort(), b.DstPort()
	p.SrcPort, p.DstPort = src, dst
	p.Has |= HasPorts
	if n := b.Len(); n != 0 { // 0: a jumbogram, or still to be cut into segments
		if n < wire.UDPLen {
			return w.stop(p, StopLength, LayerUDP, wire.UDPLen)
		}
		w.ipEnd = min(w.ipEnd, w.off+n)
		w.bound(n)
	}
	w.off += wire.UDPLen
	if k := w.d.ports.Kind(dst); k != EncapNone {
		return w.tunnel(p, k, dst, false)
	}
	if k := w.d.ports.Kind(src); k != EncapNone {
		return w.tunnel(p, k, dst, true)
	}
	return atEnd
}
