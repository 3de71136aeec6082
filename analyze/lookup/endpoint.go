package lookup

import (
	"net/netip"

	"github.com/netsift/netsift/decode/wire"
)

// endpoint is an address and port that was asked, or that such a one was translated to. Each is held once.
type endpoint struct {
	addr       wire.Addr
	hash       uint64
	self, held uint32
	// stats is the number of its statistics, 0 for none.
	stats uint32
	port  uint16
	// told says that its address was noted as one that serves.
	told bool
}

// Socket is an address and port; the zero Socket is none.
type Socket struct {
	Addr wire.Addr
	Port uint16
}

// SocketOf returns an address and port as a Socket.
func SocketOf(a netip.AddrPort) Socket { return Socket{wire.AddrFrom(a.Addr()), a.Port()} }

func (s Socket) netip() netip.AddrPort {
	if s.Addr.IsZero() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(s.Addr.Netip(), s.Port)
}

func (t *Tracker) hashOf(s Socket) uint64 { return t.seed.addr(s.Addr, 1<<32|uint64(s.Port)) }

// known returns the number of an endpoint if there is one, else 0.
func (t *Tracker) known(s Socket) uint32 {
	if s.Addr.IsZero() {
		return 0
	}
	return t.byEndpoint.Find(t.hashOf(s))
}

// hold returns the number of an endpoint and holds it; 0 for the zero socket.
func (t *Tracker) hold(s Socket) uint32 {
	if s.Addr.IsZero() {
		return 0
	}
	hash := t.hashOf(s)
	id := t.byEndpoint.Find(hash)
	if id == 0 {
		id = t.endpoints.Add()
		e := t.endpoints.At(id)
		e.self, e.hash, e.addr, e.port = id, hash, s.Addr, s.Port
		t.byEndpoint.Put(hash, id)
		t.asks.note(t.seed.addr(s.Addr, 0))
	}
	t.endpoints.At(id).held++
	return id
}

// letGo drops an endpoint; 0 is none.
func (t *Tracker) letGo(id uint32) {
	if id == 0 {
		return
	}
	e := t.endpoints.At(id)
	if e.held--; e.held == 0 {
		t.byEndpoint.Remove(e.hash)
		t.endpoints.Remove(id)
	}
}

// endpoint returns an endpoint's address and port, zero for 0.
func (t *Tracker) endpoint(id uint32) netip.AddrPort {
	if id == 0 {
		return netip.AddrPort{}
	}
	e := t.endpoints.At(id)
	return Socket{e.addr, e.port}.netip()
}

// addrOf returns an endpoint's address, zero for 0.
func (t *Tracker) addrOf(id uint32) wire.Addr {
	if id == 0 {
		return wire.Addr{}
	}
	return t.endpoints.At(id).addr
}

// asker returns who sent a query.
func (t *Tracker) asker(q *query) netip.AddrPort {
	if q.client == 0 {
		return Socket{t.has(q).addr, q.port}.netip()
	}
	return Socket{t.clients.At(q.client).addr, q.port}.netip()
}
