package lookup

import "github.com/netsift/netsift/analyze/index"

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
	to := settled
	switch {
	case l.forward:
		to = forwards
	case l.open > 0:
		to = waiting
	}
	l.active = max(l.active, now)
	if l.list == to && l.next == 0 {
		return
	}
	if l.list != nowhere {
		t.pull(l)
	}
	t.push(l, to)
}

// fit closes lookups beyond the budget. keep is the lookup at hand, the latest in its list.
func (t *Tracker) fit(keep *lookup, now int64) {
	s := &t.lists
	oldest := func(of standing) *lookup { return t.lookups.At(s[of].head) }
	for s[settled].n > t.limits.settled {
		t.close(oldest(settled), ended, now)
	}
	// A server's own questions may not push out those of clients.
	for s[forwards].n > t.limits.settled && s[forwards].head != keep.self {
		t.close(oldest(forwards), ended, now)
	}
	for s[waiting].n+s[settled].n+s[forwards].n > t.limits.open || t.queries.Len() > t.limits.queries || t.addrs.Len() > t.limits.pieces {
		switch {
		case s[settled].n > 0 && s[settled].head != keep.self:
			t.close(oldest(settled), ended, now)
		case s[forwards].n > 0 && s[forwards].head != keep.self:
			t.close(oldest(forwards), ended, now)
		case s[waiting].n > 0 && s[waiting].head != keep.self:
			t.totals.evicted++
			t.close(oldest(waiting), evicted, now)
		default:
			return
		}
	}
}

// enter makes a query findable; its lookup is known.
func (t *Tracker) enter(q *query) {
	first := t.byID.Find(q.socket)
	n := 0
	for at := first; at != 0 && n < crowd; n++ {
		at = t.queries.At(at).nextByID
	}
	if q.crowded = n == crowd; q.crowded {
		t.crowded++
	}
	if q.nextByID = t.byID.Put(t.placeOf(q), q.self); q.nextByID != 0 {
		t.queries.At(q.nextByID).prevByID = q.self
	}
	t.await(q)
}

// placeOf returns the hash by which a query is found.
func (t *Tracker) placeOf(q *query) uint64 {
	if q.crowded {
		return t.crowdHash(q.socket, q.question)
	}
	return q.socket
}

// leave takes a query out of all indexes.
func (t *Tracker) leave(q *query) {
	switch {
	case q.prevByID != 0:
		t.queries.At(q.prevByID).nextByID = q.nextByID
	case q.nextByID != 0:
		t.byID.Put(t.placeOf(q), q.nextByID)
	default:
		t.byID.Remove(t.placeOf(q))
	}
	if q.nextByID != 0 {
		t.queries.At(q.nextByID).prevByID = q.prevByID
	}
	q.prevByID, q.nextByID = 0, 0
	if q.crowded {
		t.crowded--
	}
	t.unawait(q)
	from := q.socket
	if q.tcp { // an answer is late, whatever it comes over
		from = t.socketHash(socket{t.clients.At(q.client).addr, q.port}, q.id, false)
	}
	t.late.add(from ^ q.question)
}

// forget gives up a query that is in no index, unless a lookup waits for it still.
func (t *Tracker) forget(q *query) {
	c := t.clients.At(q.client)
	if x := t.has(q); x.waits != 0 {
		x.addr = c.addr
		q.lookup, q.cand, q.client = 0, 0, 0
	} else {
		t.drop(q)
	}
	t.release(c)
}

// drop gives up a query for good.
func (t *Tracker) drop(q *query) {
	t.keep(q, nil)
	t.letGo(q.server)
	t.letGo(q.backend)
	if q.more != 0 {
		t.mores.Remove(q.more)
	}
	t.queries.Remove(q.self)
}

// open starts a lookup with its first candidate.
func (t *Tracker) open(q *query, now int64) *lookup {
	id := t.lookups.Add()
	l := t.lookups.At(id)
	c := t.clientOf(t.at.client.addr)
	l.self, l.start, l.label = id, now, t.labelOf(c.addr, t.r.name)
	t.belong(l, c)
	return l
}

// belong gives a new lookup its client, and makes it findable for queries that continue it.
func (t *Tracker) belong(l *lookup, c *client) {
	l.client = c.self
	if l.nextClient = c.lookups; l.nextClient != 0 {
		t.lookups.At(l.nextClient).prevClient = l.self
	}
	c.lookups = l.self
	c.held++
	l.inLabel = true
	if l.nextLabel = t.byLabel.Put(l.label, l.self); l.nextLabel != 0 {
		t.lookups.At(l.nextLabel).prevLabel = l.self
	}
}

func (t *Tracker) unchain(l *lookup) {
	if !l.inLabel {
		return
	}
	switch {
	case l.prevLabel != 0:
		t.lookups.At(l.prevLabel).nextLabel = l.nextLabel
	case l.nextLabel != 0:
		t.byLabel.Put(l.label, l.nextLabel)
	default:
		t.byLabel.Remove(l.label)
	}
	if l.nextLabel != 0 {
		t.lookups.At(l.nextLabel).prevLabel = l.prevLabel
	}
	l.prevLabel, l.nextLabel, l.inLabel = 0, 0, false
}

// close ends a lookup and hands it out, unless it is a DNS server's own.
func (t *Tracker) close(l *lookup, w why, now int64) {
	t.pull(l)
	t.unchain(l)
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		for q := t.query(c.first); q != nil; q = t.query(q.next) {
			t.leave(q)
		}
	}
	if !l.forward {
		t.deliver(l, w, now)
	}
	for q := t.query(l.up); q != nil; {
		x := t.has(q)
		next := t.query(x.nextUp)
		t.names.drop(x.name)
		x.waits, x.nextUp, x.name = 0, 0, 0
		if q.lookup == 0 {
			t.drop(q)
		}
		q = next
	}
	client := t.clients.At(l.client)
	for c := t.cand(l.first); c != nil; {
		for q := t.query(c.first); q != nil; {
			next := t.query(q.next)
			t.forget(q)
			q = next
		}
		next := t.cand(c.next)
		t.names.drop(c.name)
		t.cands.Remove(c.self)
		c = next
	}
	if l.prevClient != 0 {
		t.lookups.At(l.prevClient).nextClient = l.nextClient
	} else {
		client.lookups = l.nextClient
	}
	if l.nextClient != 0 {
		t.lookups.At(l.nextClient).prevClient = l.prevClient
	}
	t.lookups.Remove(l.self)
	t.release(client)
}

// lateSet remembers the latest closed questions.
type lateSet struct {
	seen index.Index
	ring []uint64
	at   int
}

func (s *lateSet) has(h uint64) bool { return s.seen.Find(h) != 0 }

func (s *lateSet) add(h uint64) {
	if s.seen.Put(h, 1) != 0 {
		return
	}
	if len(s.ring) < maxLate {
		s.ring = append(s.ring, h)
		return
	}
	s.seen.Remove(s.ring[s.at])
	s.ring[s.at] = h
	s.at = (s.at + 1) % maxLate
}
