package lookup

import (
	"hash/maphash"
	"net/netip"
)

// why a lookup is closed.
type why uint8

const (
	ended      why = iota // nothing more is to be expected
	inputEnded            // the capture ended
	goesOn                // it is not closed, only looked at
	evicted               // the budget was used up
)

// touch moves a lookup to the end of the list it belongs to now.
func (t *Tracker) touch(l *lookup, now int64) {
	if l.list != nil {
		l.list.remove(l)
	}
	l.active = max(l.active, now)
	switch {
	case l.forward:
		t.forwards.push(l)
	case l.open > 0:
		t.waiting.push(l)
	default:
		t.settled.push(l)
	}
}

// fit closes lookups beyond the budget. keep is the lookup at hand, the latest in its list.
func (t *Tracker) fit(keep *lookup, now int64) {
	for t.settled.n > t.limits.settled {
		t.close(t.settled.head, ended, now)
	}
	// A server's own questions may not push out those of clients.
	for t.forwards.n > t.limits.settled && t.forwards.head != keep {
		t.close(t.forwards.head, ended, now)
	}
	for t.waiting.n+t.settled.n+t.forwards.n > t.limits.open {
		switch {
		case t.settled.n > 0:
			t.close(t.settled.head, ended, now)
		case t.forwards.n > 0 && t.forwards.head != keep:
			t.close(t.forwards.head, ended, now)
		case t.waiting.n > 0 && t.waiting.head != keep:
			t.totals.evicted++
			t.close(t.waiting.head, evicted, now)
		default:
			return
		}
	}
}

// index enters a query into all indexes; its lookup is known.
func (t *Tracker) index(q *query) {
	k := idKey{q.client, q.id, q.tcp}
	q.nextByID = t.byID[k]
	t.byID[k] = q
	t.ask(q)
	f := t.flows[flowKey{q.client, q.server}]
	if f == nil {
		f = &flow{}
		t.flows[flowKey{q.client, q.server}] = f
	}
	if !q.backend.IsValid() {
		q.backend = f.backend
	}
	q.flow, q.nextFlow = f, f.queries
	if f.queries != nil {
		f.queries.prevFlow = q
	}
	f.queries = q
}

// ask enters a query among those that a DNS server's own question may be sent for.
func (t *Tracker) ask(q *query) {
	if q.isAsked {
		return
	}
	q.prevAsked, q.nextAsked, q.isAsked = nil, t.asked[q.question], true
	if q.nextAsked != nil {
		q.nextAsked.prevAsked = q
	}
	t.asked[q.question] = q
}

func (t *Tracker) unask(q *query) {
	if !q.isAsked {
		return
	}
	if q.prevAsked != nil {
		q.prevAsked.nextAsked = q.nextAsked
	} else if q.nextAsked != nil {
		t.asked[q.question] = q.nextAsked
	} else {
		delete(t.asked, q.question)
	}
	if q.nextAsked != nil {
		q.nextAsked.prevAsked = q.prevAsked
	}
	q.prevAsked, q.nextAsked, q.isAsked = nil, nil, false
}

// forget takes a query out of all indexes.
func (t *Tracker) forget(q *query) {
	k := idKey{q.client, q.id, q.tcp}
	if first := t.byID[k]; first == q {
		if q.nextByID == nil {
			delete(t.byID, k)
		} else {
			t.byID[k] = q.nextByID
		}
	} else {
		for ; first != nil; first = first.nextByID {
			if first.nextByID == q {
				first.nextByID = q.nextByID
				break
			}
		}
	}
	q.nextByID = nil
	t.unask(q)
	if q.prevFlow != nil {
		q.prevFlow.nextFlow = q.nextFlow
	} else {
		q.flow.queries = q.nextFlow
	}
	if q.nextFlow != nil {
		q.nextFlow.prevFlow = q.prevFlow
	}
	if q.flow.queries == nil {
		delete(t.flows, flowKey{q.client, q.server})
	}
	q.prevFlow, q.nextFlow, q.flow = nil, nil, nil
	t.late.add(t.lateHash(q.client, q.id, q.question))
}

// open starts a lookup with its first candidate.
func (t *Tracker) open(q *query, now int64) *lookup {
	l := &lookup{start: now, client: t.clientOf(q.client.Addr())}
	l.label = t.labelOf(q)
	l.prevClient, l.nextClient = nil, l.client.lookups
	if l.nextClient != nil {
		l.nextClient.prevClient = l
	}
	l.client.lookups = l
	t.chain(l)
	return l
}

// chain makes a lookup findable for queries that continue it.
func (t *Tracker) chain(l *lookup) {
	l.prevLabel, l.nextLabel, l.inLabel = nil, t.byLabel[l.label], true
	if l.nextLabel != nil {
		l.nextLabel.prevLabel = l
	}
	t.byLabel[l.label] = l
}

func (t *Tracker) unchain(l *lookup) {
	if !l.inLabel {
		return
	}
	if l.prevLabel != nil {
		l.prevLabel.nextLabel = l.nextLabel
	} else if l.nextLabel != nil {
		t.byLabel[l.label] = l.nextLabel
	} else {
		delete(t.byLabel, l.label)
	}
	if l.nextLabel != nil {
		l.nextLabel.prevLabel = l.prevLabel
	}
	l.prevLabel, l.nextLabel, l.inLabel = nil, nil, false
}

// close ends a lookup and hands it out, unless it is a DNS server's own.
func (t *Tracker) close(l *lookup, w why, now int64) {
	l.list.remove(l)
	t.unchain(l)
	for i := range l.cands {
		for _, q := range l.cands[i].queries {
			t.forget(q)
		}
	}
	if !l.forward {
		t.deliver(l, w, now)
	}
	c := l.client
	if l.prevClient != nil {
		l.prevClient.nextClient = l.nextClient
	} else {
		c.lookups = l.nextClient
	}
	if l.nextClient != nil {
		l.nextClient.prevClient = l.prevClient
	}
	l.prevClient, l.nextClient = nil, nil
	t.release(c)
}

// lateSet remembers the latest closed questions.
type lateSet struct {
	seen map[uint64]struct{}
	ring []uint64
	at   int
}

func (t *Tracker) lateHash(client netip.AddrPort, id uint16, question uint64) uint64 {
	return maphash.Comparable(t.seed, idKey{client: client, id: id}) ^ question
}

func (s *lateSet) has(h uint64) bool {
	_, ok := s.seen[h]
	return ok
}

func (s *lateSet) add(h uint64) {
	if _, ok := s.seen[h]; ok {
		return
	}
	if len(s.ring) < maxLate {
		s.ring = append(s.ring, h)
	} else {
		delete(s.seen, s.ring[s.at])
		s.ring[s.at] = h
		s.at = (s.at + 1) % maxLate
	}
	s.seen[h] = struct{}{}
}
