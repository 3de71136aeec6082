package rules

import (
	"github.com/netsift/netsift/analyze/fact"
)

// delivered reports whether a client's packets were seen going out by the pod's own interface: nothing of the network is behind it.
func delivered(c *fact.Connection) bool {
	leg, view := farthest(c)
	return view.Out() && view.Role.LeadsTo(leg.Dst.Addr())
}

// answersMeanwhile returns how many connections a backend answered, as it took them, near in time to x, and whether one of them is of the
// same client.
func (s *scene) answersMeanwhile(x *fact.Reach) (n uint64, sameClient bool) {
	const near = 60e9
	for i := range s.Reach {
		y := &s.Reach[i]
		if y == x || y.Backend != x.Backend || y.Proto != x.Proto || y.Signs&fact.SignAnswered == 0 || y.First > x.Last+near || y.Last < x.First-near ||
			y.Outcome != fact.OK && y.Outcome != fact.Unfinished {
			continue
		}
		n += y.Count
		sameClient = sameClient || y.Client == x.Client
	}
	return n, sameClient
}
