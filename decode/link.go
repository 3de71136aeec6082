package decode

import (
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/decode/wire"
)

// link reads the header that the link type says, and returns what follows it.
func (w *walk) link(p *Packet, t capture.LinkType) layer {
	switch t {
	case capture.LinkLinuxSLL2:
		return w.sll2(p)
	case capture.LinkLinuxSLL:
		return w.sll(p)
	case capture.LinkEthernet:
		if b := wire.Ethernet(w.data); b.Valid() {
			p.MAC = b.Src()
		}
		return atEthernet
	case capture.LinkRaw, capture.LinkRaw12, capture.LinkRaw14, capture.LinkIPv4:
		return atIP
	case capture.LinkIPv6:
		return atIPv6
	case capture.LinkNull, capture.LinkLoop:
		return w.null(p, t)
	}
	return w.stop(p, StopLink, LayerLink, 0)
}

func (w *walk) sll2(p *Packet) layer {
	b := wire.SLL2(w.rest())
	if !b.Valid() {
		return w.short(p, LayerLink, wire.SLL2Len)
	}
	setSLL2(p, b)
	w.off += wire.SLL2Len
	return w.cooked(p, b.Hardware(), b.Protocol())
}

func setSLL2(p *Packet, b wire.SLL2) {
	p.Interface = b.Interface()
	p.Hardware = b.Hardware()
	p.Direction = direction(uint16(b.PacketType()))
	if b.AddrLen() == 6 {
		p.MAC = b.Addr()
	}
}

func (w *walk) sll(p *Packet) layer {
	b := wire.SLL(w.rest())
	if !b.Valid() {
		return w.short(p, LayerLink, wire.SLLLen)
	}
	p.Direction = direction(b.PacketType())
	if b.AddrLen() == 6 {
		p.MAC = b.Addr()
	}
	w.off += wire.SLLLen
	return w.cooked(p, b.Hardware(), b.Protocol())
}

// direction: what is not ours to send was seen coming in; OTHERHOST is what a bridge port shows of its pod.
func direction(packetType uint16) Direction {
	switch {
	case packetType == wire.PacketOutgoing:
		return DirOut
	case packetType < wire.PacketOutgoing:
		return DirIn
	}
	return DirUnknown
}

// cooked goes on after either form of Linux's cooked header.
func (w *walk) cooked(p *Packet, hardware, protocol uint16) layer {
	p.Hardware = hardware
	if hardware == wire.HardwareNetlink {
		return atEnd
	}
	switch protocol {
	case wire.EtherTypeIPv4:
		return atIP
	case wire.SLLProtocolLLC:
		return atLLC
	case wire.SLLProtocolPPP:
		return atPPP
	case wire.SLLProtocol8023:
		return atEnd
	}
	w.etherType = protocol
	return atEtherType
}

func (w *walk) null(p *Packet, t capture.LinkType) layer {
	b := wire.Null(w.rest())
	if !b.Valid() {
		return w.short(p, LayerLink, wire.NullLen)
	}
	w.off += wire.NullLen
	f := b.LoopFamily()
	if t == capture.LinkNull {
		if f = b.Family(); f >= wire.MinEtherType {
			w.etherType = uint16(f)
			return atEtherType
		}
	}
	switch {
	case wire.NullIs4(f):
		return atIP
	case wire.NullIs6(f):
		return atIPv6
	}
	return atEnd
}
