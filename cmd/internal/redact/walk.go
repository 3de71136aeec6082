package redact

import "github.com/netsift/netsift/analyze/fact"

// Walk returns a redacted copy of a walk.
func (r *Redaction) Walk(w *fact.Walk) *fact.Walk {
	if w == nil {
		return nil
	}
	x := *w
	x.Connection = r.Connection(w.Connection)
	for i := range x.Ways {
		x.Ways[i] = r.way(w.Ways[i])
	}
	x.Cost.Of = r.Addr(w.Cost.Of)
	return &x
}

func (r *Redaction) way(w fact.Way) fact.Way {
	w.Hops, w.Copies = each(w.Hops, r.hop), each(w.Copies, r.hop)
	if w.Next = clone(w.Next); w.Next != nil {
		*w.Next = r.interfaceFact(*w.Next)
	}
	if w.Answer = clone(w.Answer); w.Answer != nil {
		*w.Answer = r.icmpError(*w.Answer)
	}
	return w
}

func (r *Redaction) hop(h fact.Hop) fact.Hop {
	h.Node, h.Name, h.Role = r.node(h.Node), r.InterfaceName(h.Name), r.role(h.Role)
	h.Src, h.Dst = r.AddrPort(h.Src), r.AddrPort(h.Dst)
	h.OtherSrc, h.OtherDst = r.AddrPort(h.OtherSrc), r.AddrPort(h.OtherDst)
	h.Encap = each(h.Encap, r.encap)
	h.Step.Wrapped, h.Step.Unwrapped = each(h.Step.Wrapped, r.encap), each(h.Step.Unwrapped, r.encap)
	h.Step.Errors = each(h.Step.Errors, r.icmpError)
	return h
}
