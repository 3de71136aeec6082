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

// socket is an address and port without a number yet.
type socket struct {
	addr wire.Addr
	port uint16
}

func socketOf(a netip.AddrPort) socket { return socket{wire.AddrFrom(a.Addr()), a.Port()} }

func (s socket) netip() netip.AddrPort {
	if s.addr.IsZero() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(s.addr.Netip(), s.port)
}

func (t *Tracker) hashOf(s socket) uint64 { return t.seed.addr(s.addr, 1<<32|uint64(s.port)) }

// known returns the number of an endpoint if there is one, else 0.
func (t *Tracker) known(s socket) uint32 {
	if s.addr.IsZero() {
		return 0
	}
	return t.byEndpoint.Find(t.hashOf(s))
}

// hold returns the number of an endpoint and holds it; 0 for the zero socket.
func (t *Tracker) hold(s socket) uint32 {
	if s.addr.IsZero() {
		return 0
	}
	hash := t.hashOf(s)
	id := t.byEndpoint.Find(hash)
	if id == 0 {
		id = t.endpoints.Add()
		e := t.endpoints.At(id)
		e.self, e.hash, e.addr, e.port = id, hash, s.addr, s.port
		t.byEndpoint.Put(hash, id)
		t.asks.note(t.seed.addr(s.addr, 0))
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
	return socket{e.addr, e.port}.netip()
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
		return socket{t.has(q).addr, q.port}.netip()
	}
	return socket{t.clients.At(q.client).addr, q.port}.netip()
}
