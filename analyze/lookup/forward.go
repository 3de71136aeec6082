package lookup

import (
	"github.com/netsift/netsift/analyze/index"
	"github.com/netsift/netsift/decode/wire"
)

const (
	// maxServers bounds the addresses that are remembered for answering.
	maxServers = 4096
	// maxForwards is how often a question may be passed on from server to server: more than from a node's cache to CoreDNS to two upstream.
	maxForwards = 16
)

// asks are the questions that wait for an answer, which an equal one of a DNS server may be sent for.
type asks struct {
	// latest leads to the latest of each question.
	latest index.Index
	// ids counts them by a hash of question and id, named has a bit for each address that any was sent to, by a hash of it. Both tell
	// at once, of nearly all that come, that they are not sent for another.
	ids   [1 << 14]uint32
	named [1 << 10]uint64
}

func (a *asks) id(q *query) *uint32 {
	return &a.ids[fold(q.question^uint64(q.id)<<48, 0x9e3779b97f4a7c15)%uint64(len(a.ids))]
}

func (a *asks) note(addr uint64)     { a.named[addr>>6&0x3ff] |= 1 << (addr & 63) }
func (a *asks) has(addr uint64) bool { return a.named[addr>>6&0x3ff]>>(addr&63)&1 != 0 }

// await enters a query among those that wait for an answer.
func (t *Tracker) await(q *query) {
	if q.asked {
		return
	}
	q.asked, q.prevAsked = true, 0
	q.nextAsked = t.asks.latest.Put(q.question, q.self)
	if q.nextAsked != 0 {
		t.queries.At(q.nextAsked).prevAsked = q.self
	}
	*t.asks.id(q)++
}

func (t *Tracker) unawait(q *query) {
	if !q.asked {
		return
	}
	switch {
	case q.prevAsked != 0:
		t.queries.At(q.prevAsked).nextAsked = q.nextAsked
	case q.nextAsked != 0:
		t.asks.latest.Put(q.question, q.nextAsked)
	default:
		t.asks.latest.Remove(q.question)
	}
	if q.nextAsked != 0 {
		t.queries.At(q.nextAsked).prevAsked = q.prevAsked
	}
	q.prevAsked, q.nextAsked, q.asked = 0, 0, false
	*t.asks.id(q)--
}

// serves notes that the address of an endpoint answers DNS queries. Its own queries so far were no application's lookups.
func (t *Tracker) serves(s socket) {
	var e *endpoint
	if id := t.known(s); id != 0 {
		if e = t.endpoints.At(id); e.told {
			return
		}
		e.told = true
	}
	if _, ok := t.servers[s.addr]; ok || len(t.servers) >= maxServers {
		return
	}
	t.servers[s.addr] = struct{}{}
	t.asks.note(t.seed.addr(s.addr, 0))
	c := t.client(s.addr)
	if c == nil {
		return
	}
	c.serves = true
	for l := t.lookup(c.lookups); l != nil; l = t.lookup(l.nextClient) {
		if l.forward {
			continue
		}
		t.unchain(l)
		l.forward = true
		for o := t.cand(l.first); o != nil; o = t.cand(o.next) {
			for q := t.query(o.first); q != nil; q = t.query(q.next) {
				if up := t.above(q, c.addr); up != nil {
					t.below(q, up)
				}
			}
		}
		t.touch(l, l.active)
	}
}

// forwarded takes a question that a DNS server asks for a client's sake, or its own.
func (t *Tracker) forwarded(q *query, now int64) bool {
	up := t.above(q, t.at.client.addr)
	if up == nil {
		if _, ok := t.servers[t.at.client.addr]; !ok {
			return false
		}
	}
	born := uint32(0)
	if up != nil {
		born = up.born
	}
	l := t.open(q, now)
	t.unchain(l)
	l.forward = true
	t.totals.forwarded++
	t.attach(l, q, true, now)
	if up != nil && up.born == born { // it may just have been given up for want of room
		t.below(q, up)
	}
	return true
}

// below ties a DNS server's own question to the lookup that waits for it.
func (t *Tracker) below(q, up *query) {
	n, top := 0, up
	for p := up; p != nil; p = t.sentFor(p) {
		if n++; p == q || n > maxForwards {
			return
		}
		top = p
	}
	x := t.moreOf(q)
	x.above, x.aboveBorn = up.self, up.born
	l := t.lookup(top.lookup)
	if l == nil || l.forward || l.ups >= maxUpstream || x.waits != 0 {
		return
	}
	x.waits, x.name = l.self, t.names.share(t.cands.At(q.cand).name)
	if l.ups == 0 {
		l.up = q.self
	} else {
		t.has(t.queries.At(l.lastUp)).nextUp = q.self
	}
	l.lastUp = q.self
	l.ups++
}

// sentFor returns the query that a DNS server's own was sent for, nil where there is none or it is forgotten.
func (t *Tracker) sentFor(q *query) *query {
	x := t.has(q)
	if x.above == 0 {
		return nil
	}
	if p := t.queries.At(x.above); p.born == x.aboveBorn {
		return p
	}
	return nil
}

// above returns the open question that one of an address was sent for, nil for none. CoreDNS forwards the client's id
// (plugin/forward), others choose one. A server that was asked a question and asks it itself passes it on.
func (t *Tracker) above(q *query, addr wire.Addr) *query {
	server := t.asks.has(t.seed.addr(addr, 0))
	if !server && *t.asks.id(q) == 0 {
		return nil
	}
	_, serves := t.servers[addr]
	var best *query
	rank, n := 0, 0
	for p := t.query(t.asks.latest.Find(q.question)); p != nil && n < scanned; p, n = t.query(p.nextAsked), n+1 {
		if p == q || p.server == q.server {
			continue
		}
		own := t.clients.At(p.client).addr == addr
		if own && p.port == q.port || t.sentFor(p) == q {
			continue
		}
		r := 0
		switch {
		case p.id == q.id && (!own || q.sent-p.last < giveUp):
			r = 3
		case own || !server:
		case t.addrOf(p.backend) == addr || t.addrOf(p.server) == addr:
			r = 2
		case serves && (p.backend == 0 || t.addrOf(p.backend) == addr):
			r = 1
		}
		if r > rank {
			best, rank = p, r
		}
	}
	return best
}
