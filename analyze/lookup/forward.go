package lookup

import "net/netip"

// maxServers bounds the addresses that are remembered for answering.
const maxServers = 4096

// serves notes that an address answers DNS queries. Its own queries so far were no application's lookups.
func (t *Tracker) serves(a netip.Addr, now int64) {
	if t.servers[a] || len(t.servers) >= maxServers {
		return
	}
	t.servers[a] = true
	c := t.clients[a]
	if c == nil {
		return
	}
	for l := c.lookups; l != nil; l = l.nextClient {
		if l.forward {
			continue
		}
		t.unchain(l)
		l.forward = true
		for i := range l.cands {
			for _, q := range l.cands[i].queries {
				t.below(q, t.above(q))
			}
		}
		t.touch(l, l.active)
	}
}

// forwarded takes a question that a DNS server asks for a client's sake, or its own.
func (t *Tracker) forwarded(q *query, now int64) bool {
	up := t.above(q)
	if up == nil && !t.servers[q.client.Addr()] {
		return false
	}
	l := t.open(q, now)
	t.unchain(l)
	l.forward = true
	t.totals.forwarded++
	t.attach(l, q, true, now)
	t.below(q, up)
	return true
}

// below ties a DNS server's own question to the lookup that waits for it.
func (t *Tracker) below(q, up *query) {
	if up == nil {
		return
	}
	for p := up; p != nil; p = p.above {
		if p == q {
			return
		}
	}
	q.above = up
	for up.above != nil {
		up = up.above
	}
	if l := up.lookup; !l.forward && len(l.up) < maxUpstream {
		l.up = append(l.up, q)
	}
}

// above returns the open question that a question was sent for, nil for none. CoreDNS forwards the client's id
// (plugin/forward), others choose one. A server that was asked a question and asks it itself passes it on.
func (t *Tracker) above(q *query) *query {
	var best *query
	rank, n := 0, 0
	for p := t.asked[q.question]; p != nil && n < scanned; p, n = p.nextAsked, n+1 {
		if p == q || p.name != q.name || p.qtype != q.qtype || p.server == q.server || p.above == q || p.client == q.client {
			continue
		}
		r := 0
		own := p.client.Addr() == q.client.Addr()
		switch {
		case p.id == q.id && (!own || q.sent-p.last < giveUp):
			r = 3
		case own:
		case p.backend.Addr() == q.client.Addr() || p.server.Addr() == q.client.Addr():
			r = 2
		case t.servers[q.client.Addr()] && (!p.backend.IsValid() || p.backend.Addr() == q.client.Addr()):
			r = 1
		}
		if r > rank {
			best, rank = p, r
		}
	}
	return best
}
