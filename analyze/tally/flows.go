package tally

import (
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// MaxFlows is how many distinct flows are counted exactly. A flow takes about 80 bytes, so that a hostile capture can't
// make us keep more than some 170 MB.
const MaxFlows = 1 << 20

// flow is a 5-tuple without direction: the smaller end first.
type flow struct {
	a, b         wire.Addr
	aPort, bPort uint16
	proto        uint8
}

// flowSet is a set of at most MaxFlows flows.
type flowSet struct {
	seen map[flow]struct{}
	last [recentFlows]flow
	full bool
}

// recentFlows is a power of two. Most packets belong to a flow that was seen just before; comparing is much cheaper than
// hashing.
const recentFlows = 64

// add adds the flow of p and reports whether it is new.
func (s *flowSet) add(p *decode.Packet) bool {
	f := flow{p.Src, p.Dst, p.SrcPort, p.DstPort, p.Proto}
	if f.b.Less(f.a) || f.a == f.b && f.bPort < f.aPort {
		f.a, f.b, f.aPort, f.bPort = f.b, f.a, f.bPort, f.aPort
	}
	slot := &s.last[(f.a.Lo^f.b.Lo^uint64(f.aPort)^uint64(f.bPort))%recentFlows]
	if *slot == f {
		return false
	}
	*slot = f
	if _, ok := s.seen[f]; ok {
		return false
	}
	if len(s.seen) >= MaxFlows {
		s.full = true
		return false
	}
	if s.seen == nil {
		s.seen = map[flow]struct{}{}
	}
	s.seen[f] = struct{}{}
	return true
}
