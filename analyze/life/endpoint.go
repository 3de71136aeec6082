package life

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Endpoint is an address and a port.
type Endpoint struct {
	Addr wire.Addr
	Port uint16
}

// AddrPort returns e as a netip.AddrPort; the zero one for no endpoint.
func (e Endpoint) AddrPort() netip.AddrPort {
	if e.Addr.IsZero() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(e.Addr.Netip(), e.Port)
}

// Source returns where a packet comes from.
func Source(p *decode.Packet) Endpoint { return Endpoint{p.Src, p.SrcPort} }

// Destination returns where a packet goes.
func Destination(p *decode.Packet) Endpoint { return Endpoint{p.Dst, p.DstPort} }

// EndsOf returns the two ends of a tuple.
func EndsOf(t *sight.Tuple) (a, b Endpoint) { return Endpoint{t.A, t.APort}, Endpoint{t.B, t.BPort} }
