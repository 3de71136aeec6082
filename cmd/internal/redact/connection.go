package redact

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// Connection returns a redacted copy of a connection.
func (r *Redaction) Connection(c *fact.Connection) *fact.Connection {
	if c == nil {
		return nil
	}
	x := *c
	x.ID = r.ID(c.ID)
	x.Client, x.Called, x.Service = r.AddrPort(c.Client), r.AddrPort(c.Called), r.AddrPort(c.Service)
	x.Destination, x.Backend, x.SNAT = r.AddrPort(c.Destination), r.AddrPort(c.Backend), r.AddrPort(c.SNAT)
	if x.Former = clone(c.Former); x.Former != nil {
		x.Former.To = r.AddrPort(c.Former.To)
	}
	for i := range x.Flow {
		x.Flow[i].Stall = clone(c.Flow[i].Stall)
		x.Flow[i].Hole = clone(c.Flow[i].Hole)
		x.Flow[i].Shut = clone(c.Flow[i].Shut)
	}
	x.Idle = clone(c.Idle)
	x.Handshakes = clone(c.Handshakes)
	x.Legs = each(c.Legs, r.leg)
	if x.Reset = clone(c.Reset); x.Reset != nil {
		x.Reset.Src, x.Reset.Dst = r.AddrPort(c.Reset.Src), r.AddrPort(c.Reset.Dst)
		x.Reset.Encap = each(c.Reset.Encap, r.encap)
	}
	x.Errors = each(c.Errors, r.icmpError)
	x.Notice = clone(c.Notice)
	x.Marks, x.Objects = slices.Clone(c.Marks), r.objects(c.Objects)
	return &x
}

func (r *Redaction) leg(l fact.Leg) fact.Leg {
	l.Src, l.Dst, l.Node = r.AddrPort(l.Src), r.AddrPort(l.Dst), r.node(l.Node)
	l.Encap = each(l.Encap, r.encap)
	l.Views = each(l.Views, func(v fact.View) fact.View {
		v.Name, v.Role = r.InterfaceName(v.Name), r.role(v.Role)
		return v
	})
	return l
}

func (r *Redaction) encap(e fact.Encap) fact.Encap {
	e.Src, e.Dst = r.Addr(e.Src), r.Addr(e.Dst)
	return e
}

func (r *Redaction) icmpError(e fact.ICMPError) fact.ICMPError {
	e.Src, e.Dst = r.Addr(e.Src), r.Addr(e.Dst)
	e.QuotedSrc, e.QuotedDst = r.AddrPort(e.QuotedSrc), r.AddrPort(e.QuotedDst)
	return e
}

// clone returns a copy of what p points at, nil of nil.
func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
