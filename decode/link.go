package decode

import (
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/decode/wire"
)

// link reads the header that the link type says, and returns what follows it.
func (d *dissection) link(p *Packet, t capture.LinkType) layer {
	switch t {
	case capture.LinkLinuxSLL2:
		return d.sll2(p)
	case capture.LinkLinuxSLL:
		return d.sll(p)
	case capture.LinkEthernet:
		if b := wire.Ethernet(d.data); b.Valid() {
			p.MAC = b.Src()
		}
		return atEthernet
	case capture.LinkRaw, capture.LinkRaw12, capture.LinkRaw14, capture.LinkIPv4:
		return atIP
	case capture.LinkIPv6:
		return atIPv6
	case capture.LinkNull, capture.LinkLoop:
		return d.null(p, t)
	}
	return d.stop(p, StopLink, LayerLink, 0)
}

func (d *dissection) sll2(p *Packet) layer {
	b := wire.SLL2(d.rest())
	if !b.Valid() {
		return d.short(p, LayerLink, wire.SLL2Len)
	}
	setSLL2(p, b)
	d.off += wire.SLL2Len
	return d.cooked(p, b.Hardware(), b.Protocol())
}

func setSLL2(p *Packet, b wire.SLL2) {
	p.Interface = b.Interface()
	p.Hardware = b.Hardware()
	p.Direction = direction(uint16(b.PacketType()))
	if b.AddrLen() == 6 {
		p.MAC = b.Addr()
	}
}

func (d *dissection) sll(p *Packet) layer {
	b := wire.SLL(d.rest())
	if !b.Valid() {
		return d.short(p, LayerLink, wire.SLLLen)
	}
	p.Direction = direction(b.PacketType())
	if b.AddrLen() == 6 {
		p.MAC = b.Addr()
	}
	d.off += wire.SLLLen
	return d.cooked(p, b.Hardware(), b.Protocol())
}

// direction: a packet that we did not send was seen coming in; a bridge port shows its pod's packets as OTHERHOST.
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
func (d *dissection) cooked(p *Packet, hardware, protocol uint16) layer {
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
	d.etherType = protocol
	return atEtherType
}

func (d *dissection) null(p *Packet, t capture.LinkType) layer {
	b := wire.Null(d.rest())
	if !b.Valid() {
		return d.short(p, LayerLink, wire.NullLen)
	}
	d.off += wire.NullLen
	f := b.LoopFamily()
	if t == capture.LinkNull {
		if f = b.Family(); f >= wire.MinEtherType {
			d.etherType = uint16(f)
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
