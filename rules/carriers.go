package rules

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// carrying is a client, a server that it called, and whether over TCP.
type carrying struct {
	called
	tcp bool
}

// carriers are ways of reaching servers, which are asked whether a query went over one of them.
type carriers map[carrying]*carrier

// carrier is all of them from one client to one server.
type carrier struct {
	// sockets are those of connections that were kept.
	sockets map[netip.AddrPort]bool
	// unkept says that not all were kept; then backends has where those went that were not, and anywhere that some went nobody knows where.
	unkept, anywhere bool
	backends         map[netip.AddrPort]bool
}

func (cs carriers) add(x *fact.Reach) {
	k := carrying{called{x.Client, x.Called}, x.Proto == fact.TCP}
	c := cs[k]
	if c == nil {
		c = &carrier{sockets: map[netip.AddrPort]bool{}, backends: map[netip.AddrPort]bool{}}
		cs[k] = c
	}
	for i := range x.Examples {
		c.sockets[x.Examples[i].Client] = true
	}
	if x.Count > uint64(len(x.Examples)) {
		c.unkept, c.anywhere = true, c.anywhere || !x.Backend.IsValid()
		c.backends[x.Backend], c.backends[x.Former] = true, true
	}
}

// carry reports whether a client's query went over one of them: by the socket, which may have had another backend at the time of the query, or, as
// far as anybody can tell, over one of those that were not kept.
func (cs carriers) carry(client netip.Addr, q *fact.Query) bool {
	c := cs[carrying{called{client, q.Server}, q.TCP}]
	return c != nil && (c.sockets[q.Client] || c.unkept && (c.anywhere || !q.Backend.IsValid() || c.backends[q.Backend]))
}
