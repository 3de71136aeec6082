package report

import (
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// BackendUse is how the connections to one backend of a Service fared.
type BackendUse struct {
	// Service is the address called; Backend is zero for connections that never got one.
	Service, Backend netip.AddrPort
	Proto            fact.Proto
	Connections      uint64
	// Of counts all connections to the Service.
	Of uint64
	// Outcomes counts connections by outcome.
	Outcomes        [fact.OneWay + 1]uint64
	Retransmissions uint64
	// First and Last bound the connections, in Unix nanoseconds.
	First, Last int64
	// Objects are those of the Service and the backend, nil where none has a name.
	Objects *fact.Objects
}

// Failed counts connections that failed for the client.
func (u *BackendUse) Failed() uint64 {
	return u.Outcomes[fact.Refused] + u.Outcomes[fact.Unreachable] + u.Outcomes[fact.ResetOutcome] + u.Outcomes[fact.Hang]
}

// Services adds connections up by Service and backend. The zero value is ready.
type Services struct {
	uses map[useKey]*BackendUse
}

type useKey struct {
	service, backend netip.AddrPort
	proto            fact.Proto
}

// Add counts a connection, unless it called no Service.
func (s *Services) Add(c *fact.Connection) {
	if !c.Service.IsValid() {
		return
	}
	if s.uses == nil {
		s.uses = map[useKey]*BackendUse{}
	}
	k := useKey{c.Service, c.Backend, c.Proto}
	u := s.uses[k]
	if u == nil {
		u = &BackendUse{Service: c.Service, Backend: c.Backend, Proto: c.Proto, First: c.Start}
		s.uses[k] = u
	}
	u.First, u.Last = min(u.First, c.Start), max(u.Last, c.End)
	u.Connections++
	u.Outcomes[c.Outcome]++
	u.Retransmissions += c.Flow[fact.ToServer].Retransmissions + c.Flow[fact.ToClient].Retransmissions
}

// List returns the sums: Services in order of their addresses, of each the backend with most failures first.
func (s *Services) List() []BackendUse {
	total := map[useKey]uint64{}
	list := make([]BackendUse, 0, len(s.uses))
	for k, u := range s.uses {
		total[useKey{service: k.service, proto: k.proto}] += u.Connections
		list = append(list, *u)
	}
	for i := range list {
		list[i].Of = total[useKey{service: list[i].Service, proto: list[i].Proto}]
	}
	slices.SortFunc(list, func(a, b BackendUse) int {
		if c := a.Service.Compare(b.Service); c != 0 {
			return c
		}
		if a.Proto != b.Proto {
			return int(a.Proto) - int(b.Proto)
		}
		// As shares of 1, compared without dividing.
		if x, y := a.Failed()*b.Connections, b.Failed()*a.Connections; x != y {
			if x > y {
				return -1
			}
			return 1
		}
		return a.Backend.Compare(b.Backend)
	})
	return list
}
