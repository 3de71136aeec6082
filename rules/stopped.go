package rules

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// stopped returns a connection of a pod to a Service which ends where it enters the pod's node, nil where none does, and the Service's backend
// where only one is seen. Where no bridge shows packets after translation (Calico and others route a pod's packets right from its veth), a
// policy for what the pod may send leaves no more than that. The Service is translated on that node and answers: others there reach it, and
// this client never does.
func (s *scene) stopped(x *fact.Reach) (*fact.Connection, netip.AddrPort) {
	none := netip.AddrPort{}
	if x.Signs&(fact.SignAnswered|fact.SignMidstream|fact.SignDNS) != 0 || !x.Proto.Opens() || s.Cluster.NodePorts.Contains(x.Called.Port()) {
		return nil, none
	}
	c := example(x, func(c *fact.Connection) bool {
		_, v := farthest(c)
		return c.Phase == fact.PhaseHandshake && s.bothWays(c) && s.endsWhereItCameIn(c) && v.Role.LeadsTo(x.Client)
	})
	if c == nil {
		return nil, none
	}
	at := s.captureOf(c)
	others := index(s, newReaching)[translatedAt{x.Called, x.Proto, at}]
	if others == nil {
		return nil, none
	}
	if others.clients[x.Client] {
		return nil, none // it passes at times, as where a node's conntrack table is full
	}
	from, to := around(x.First, x.Last, nearBy)
	if others.last < from || others.first > to {
		return nil, none
	}
	if others.several {
		return c, none
	}
	return c, others.backend
}

// translatedAt is an address that is called, and a capture that shows calls to it translated.
type translatedAt struct {
	called  netip.AddrPort
	proto   fact.Proto
	capture int
}

// reachedBy are the calls to an address that a capture shows translated and answered.
type reachedBy struct {
	// first and last are when the first and the last of them began, clients whose they are.
	first, last int64
	clients     map[netip.Addr]bool
	// backend is the only one of all, several says that there are more.
	backend netip.AddrPort
	several bool
}

// reaching has them, by address and capture.
type reaching map[translatedAt]*reachedBy

func newReaching(s *scene) reaching {
	m := reaching{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if !y.Service.IsValid() || !y.Backend.IsValid() || y.Signs&fact.SignAnswered == 0 || len(y.Examples) == 0 {
			continue
		}
		k := translatedAt{y.Called, y.Proto, s.captureOf(&y.Examples[0])}
		a := m[k]
		if a == nil {
			a = &reachedBy{first: y.First, clients: map[netip.Addr]bool{}, backend: y.Backend}
			m[k] = a
		}
		a.first = min(a.first, y.First)
		a.last = max(a.last, y.LastStart)
		a.clients[y.Client] = true
		a.several = a.several || y.Backend != a.backend
	}
	return m
}
