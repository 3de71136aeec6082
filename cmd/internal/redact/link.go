package redact

import (
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/decode/wire"
)

// link reads the header that the link type says, and returns what follows it. Of an unknown one nothing stays.
func (w *rewrite) link(t capture.LinkType) step {
	switch t {
	case capture.LinkLinuxSLL2:
		return sll2
	case capture.LinkLinuxSLL:
		return sll
	case capture.LinkEthernet:
		return ethernet
	case capture.LinkRaw, capture.LinkRaw12, capture.LinkRaw14, capture.LinkIPv4:
		return ip
	case capture.LinkIPv6:
		return ipv6
	case capture.LinkNull, capture.LinkLoop:
		return w.null(t)
	}
	return nil
}

func sll2(w *rewrite) step {
	b := wire.SLL2(w.rest())
	if !b.Valid() {
		return nil
	}
	out := w.keep(wire.SLL2Len)
	clear(out[2:4]) // reserved
	w.cookedAddr(out[12:], int(b.AddrLen()))
	return w.cooked(b.Hardware(), b.Protocol())
}

func sll(w *rewrite) step {
	b := wire.SLL(w.rest())
	if !b.Valid() {
		return nil
	}
	out := w.keep(wire.SLLLen)
	w.cookedAddr(out[6:14], int(b.AddrLen()))
	return w.cooked(b.Hardware(), b.Protocol())
}

// cookedAddr replaces the link-layer address of Linux's cooked headers. If it is not Ethernet's, it may be the IP address
// of a tunnel's end.
func (w *rewrite) cookedAddr(b []byte, n int) {
	if n != 6 {
		clear(b)
		return
	}
	w.mac(b)
	clear(b[6:])
}

func (w *rewrite) cooked(hardware, protocol uint16) step {
	if hardware == wire.HardwareNetlink {
		return nil
	}
	switch protocol {
	case wire.SLLProtocolLLC:
		return llc
	case wire.SLLProtocolPPP:
		return ppp
	case wire.SLLProtocol8023:
		return nil
	}
	w.etherType = protocol
	return byEtherType
}

func (w *rewrite) null(t capture.LinkType) step {
	b := wire.Null(w.rest())
	if !b.Valid() {
		return nil
	}
	f := b.LoopFamily()
	w.keep(wire.NullLen)
	if t == capture.LinkNull {
		if f = b.Family(); f >= wire.MinEtherType {
			w.etherType = uint16(f)
			return byEtherType
		}
	}
	switch {
	case wire.NullIs4(f):
		return ip
	case wire.NullIs6(f):
		return ipv6
	}
	return nil
}
