package rules

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// delivered reports whether a client's packets were seen going out by the pod's own interface, or on the backend itself: nothing of the
// network is behind that.
func (s *scene) delivered(c *fact.Connection) bool {
	leg, view := farthest(c)
	return view.Out() && view.Role.LeadsTo(leg.Dst.Addr()) || view.In() && s.Captures[view.Capture].Host
}

// meanwhile is how near in time a backend's answers to others have to be.
const meanwhile = 60e9

// aliveSince reports whether a backend answered anybody after the first of x had begun.
func (s *scene) aliveSince(x *fact.Reach) bool {
	list := s.answeredBy(x.Backend)
	return len(list) > 0 && list[len(list)-1].until > x.First // the latest of all
}

// answersOthers reports whether the backend of x, which got no answer, answers other connections meanwhile.
func (s *scene) answersOthers(x *fact.Reach) bool {
	from, to := around(x.First, x.Last, meanwhile)
	return s.aliveSince(x) && index(s, newAnswering)[backendAndProto{x.Backend, x.Proto}].touches(from, to)
}

type backendAndProto struct {
	backend netip.AddrPort
	proto   fact.Proto
}

// answering has when backends answered.
type answering map[backendAndProto]spans

func newAnswering(s *scene) answering {
	m := answering{}
	for i := range s.Reach {
		if y := &s.Reach[i]; takes(y) {
			k := backendAndProto{y.Backend, y.Proto}
			m[k] = append(m[k], [2]int64{y.First, y.Last})
		}
	}
	for _, list := range m {
		list.finish()
	}
	return m
}

// takes reports whether a backend answered and nothing went wrong.
func takes(y *fact.Reach) bool {
	return y.Signs&fact.SignAnswered != 0 && (y.Outcome == fact.OK || y.Outcome == fact.Unfinished)
}

// answersMeanwhile returns how many connections a backend answered after the first of x had begun, or not long before, and whether one of them
// is of the same client; 0 where none was answered after that.
func (s *scene) answersMeanwhile(x *fact.Reach) (n uint64, sameClient bool) {
	if !s.aliveSince(x) {
		return 0, false
	}
	from, to := around(x.First, x.Last, meanwhile)
	for _, y := range s.byBackend(x.Backend) {
		if y == x || y.Proto != x.Proto || !takes(y) || y.First > to || y.Last < from {
			continue
		}
		n += y.Count
		sameClient = sameClient || y.Client == x.Client
	}
	return n, sameClient
}
