package rules

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// choices is when new connections to one address, of one protocol, were translated where.
type choices struct {
	// to has when the last ones to each backend began, by their way.
	to map[netip.AddrPort]*latest[*fact.Reach]
	// taken has when the last ones to each began that worked or are answered; sent those that worked, are under way or want no answer.
	taken, sent latest[netip.AddrPort]
}

type calledByProto struct {
	called netip.AddrPort
	proto  fact.Proto
}

type choicesByCalled map[calledByProto]*choices

// choices returns where connections to the address that x calls were translated.
func (s *scene) choices(x *fact.Reach) *choices {
	t := index(s, newChoices)[calledByProto{x.Called, x.Proto}]
	if t == nil {
		return &choices{}
	}
	return t
}

func newChoices(s *scene) choicesByCalled {
	m := choicesByCalled{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if !y.Backend.IsValid() {
			continue
		}
		k := calledByProto{y.Called, y.Proto}
		if m[k] == nil {
			m[k] = &choices{to: map[netip.AddrPort]*latest[*fact.Reach]{}}
		}
		t := m[k]
		if t.to[y.Backend] == nil {
			t.to[y.Backend] = &latest[*fact.Reach]{}
		}
		t.to[y.Backend].see(y, y.LastStart)
		if y.Outcome == fact.OK || y.Outcome == fact.Unfinished && y.Phase == fact.PhaseEstablished && y.Signs&fact.SignAnswered != 0 {
			t.taken.see(y.Backend, y.LastStart)
		}
		if y.Outcome == fact.OK || y.Outcome == fact.OneWay || y.Outcome == fact.Unfinished {
			t.sent.see(y.Backend, y.LastStart)
		}
	}
	return m
}
