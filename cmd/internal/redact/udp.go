package redact

import (
	"slices"

	"github.com/netsift/netsift/decode/wire"
)

// udpChecksum is the offset of the checksum in a UDP header (RFC 768).
const udpChecksum = 6

func udp(w *walk) step {
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
	switch {
	case w.isVXLAN(dst):
		return w.vxlan(false)
	case w.isGeneve(dst):
		return w.geneve(false)
	case w.isVXLAN(src):
		return w.vxlan(true)
	case w.isGeneve(src):
		return w.geneve(true)
	}
	return nil
}

func (w *walk) isVXLAN(port uint16) bool {
	return port == wire.VXLANLinuxPort || port == wire.VXLANPort || slices.Contains(w.options.VXLANPorts, port)
}

func (w *walk) isGeneve(port uint16) bool {
	return port == wire.GenevePort || slices.Contains(w.options.GenevePorts, port)
}
