package redact

import (
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Sighting returns a redacted copy of a sighting, for a walk that is drawn of redacted facts. It is valid as long as the original.
// The link-layer address stays: a walk tells views by it, and does not hold it.
func (r *Redaction) Sighting(s *join.Sighting) *join.Sighting {
	x, p := *s, *s.Packet
	p.Src, p.Dst = r.wire(p.Src), r.wire(p.Dst)
	x.Packet = &p
	x.Encaps = each(s.Encaps, func(e decode.Encap) decode.Encap {
		e.Src, e.Dst = r.wire(e.Src), r.wire(e.Dst)
		return e
	})
	return &x
}

func (r *Redaction) wire(a wire.Addr) wire.Addr { return wire.AddrFrom(r.Addr(a.Netip())) }
