package rules

import (
	"github.com/netsift/netsift/analyze/fact"
)

// delivered reports whether a client's packets were seen going out by the pod's own interface, or on the backend itself: nothing of the
// network is behind that.
func (s *scene) delivered(c *fact.Connection) bool {
	leg, view := farthest(c)
	return view.Out() && view.Role.LeadsTo(leg.Dst.Addr()) || view.In() && s.Captures[view.Capture].Host
}

// answersMeanwhile returns how many connections a backend answered after the first of x had begun, or not long before, and whether one of them
// is of the same client; 0 where none was answered after that.
func (s *scene) answersMeanwhile(x *fact.Reach) (n uint64, sameClient bool) {
	const near = 60e9
	alive := false
	for _, a := range s.answeredBy(x.Backend) {
		alive = alive || a.until > x.First
	}
	if !alive {
		return 0, false
	}
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
