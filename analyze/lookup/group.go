package lookup

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/wire"
)

// How close in time messages of one resolver call follow each other.
const (
	// searchGap is the longest time a resolver takes from an answer to its next question: microseconds, unless its pod is
	// throttled, which the kernel does for up to a period of 100 ms (kernel/sched/fair.c, default_cfs_period).
	searchGap = 250 * millisecond
	// pairGap is the time between A and AAAA from two sockets; also for the second of a pair when the first was answered.
	pairGap  = 30 * millisecond
	afterGap = 5 * millisecond
	// roomGap is the time until glibc asks again for an answer that had no room.
	roomGap = 1 * millisecond
	// hintGap is the time between the candidates of a search with unknown suffixes.
	hintGap = 10 * millisecond
	// giveUp is less than the shortest timeout a resolver can be set to: one second.
	giveUp = 900 * millisecond
	// intervalSlack is by how much a resolver's timer may be late, or its packets.
	intervalSlack = 20 * millisecond
)

// The service binding types that browsers ask for beside addresses (RFC 9460).
const (
	typeSVCB  = 64
	typeHTTPS = 65
)

// joining is how a question goes on with a lookup.
type joining struct {
	lookup *lookup
	rank   int
	again  fact.AgainKind
	// next: it opens a new candidate, and base is the length of the name as that shows it.
	next bool
	base int
	// split: the lookup was two, the second one began with its second candidate.
	split bool
}

// The ranks, weakest first.
const (
	rankNone = iota
	rankHint
	rankAttempt
	rankHalf
	rankSkip
	rankSearch
	rankPair
	rankRound
	rankTCP
	rankSocket
	rankID
)

// place finds the lookup that a question, the one at hand, belongs to, or begins one.
func (t *Tracker) place(q *query, now int64) {
	if t.forwarded(q, now) {
		return
	}
	best := joining{}
	n := 0
	name := t.names.known(t.at.name)
	for l := t.lookup(t.byLabel.Find(t.labelOf(t.at.client.addr, t.r.name))); l != nil && n < scanned; l, n = t.lookup(l.nextLabel), n+1 {
		j := t.joins(l, q, name, now)
		// Of two lookups that wait for the same, the longer waiting one goes on first.
		if j.rank > best.rank || j.rank == best.rank && j.rank != rankNone && l.lastAnswer < best.lookup.lastAnswer {
			j.lookup = l
			best = j
		}
	}
	l := best.lookup
	if l == nil {
		l = t.open(q, now)
		best.next = true
	} else if best.split {
		l = t.split(l)
	}
	q.again = best.again
	if best.base != 0 {
		l.base = uint8(best.base)
	}
	t.attach(l, q, best.next, now)
}

// attach adds the question at hand to a lookup.
func (t *Tracker) attach(l *lookup, q *query, next bool, now int64) {
	if next {
		t.extend(l, now)
	}
	c := t.cands.At(l.last)
	q.lookup, q.cand, q.client = l.self, c.self, l.client
	t.clients.At(l.client).held++
	if c.n == 0 {
		c.first = q.self
	} else {
		t.queries.At(c.last).next = q.self
	}
	c.last = q.self
	c.n++
	c.open++
	l.open++
	l.lastSend = max(l.lastSend, now)
	t.enter(q)
	t.touch(l, now)
	t.fit(l, now)
}

// extend gives a lookup a new candidate, the name at hand.
func (t *Tracker) extend(l *lookup, now int64) {
	id := t.cands.Add()
	c := t.cands.At(id)
	c.self, c.name, c.start = id, t.names.hold(t.r.name, t.at.name), now
	if l.last == 0 {
		l.first = id
	} else {
		t.cands.At(l.last).next = id
	}
	l.last = id
	l.cands++
}

// joins returns whether and how a question for a name goes on with a lookup.
func (t *Tracker) joins(l *lookup, q *query, name name, now int64) joining {
	if l.forward || now-l.active > waitLimit {
		return joining{}
	}
	c := t.cands.At(l.last)
	same := name != 0 && name == c.name
	switch {
	case !same && (l.cands >= maxCandidates || !l.goesOn(c, now)):
		return joining{}
	case !t.speaks(c, q):
		return joining{}
	case same:
		if c.n >= maxMessages {
			return joining{}
		}
		if last := t.lastOf(c, q.qtype); last != nil {
			return t.repeats(c, q, last, now)
		}
		return t.completes(l, c, q, now)
	}
	j := t.extends(l, c, name, now)
	if j.rank == rankSearch && !j.split && !t.inOrder(c, t.r.name, max(int(l.base), j.base)) {
		j.rank = rankSkip
	}
	if j.rank >= rankSkip && !t.both(c) {
		// The other type may be still to come: better a search that has both.
		if t.both(t.cands.At(l.first)) && c.open == 0 && now-c.end <= afterGap {
			return joining{}
		}
		j.rank = rankHalf
	}
	return j
}

// speaks reports whether a question has the OPT record of the candidate's, or both have none: one resolver asks alike,
// unless a server did not understand it (RFC 6891, section 6.2.2).
func (t *Tracker) speaks(c *candidate, q *query) bool {
	p := t.queries.At(c.last)
	return p.edns == q.edns || p.sent == 0 || q.sent == 0 || p.failed()
}

// both reports whether both types of addresses were asked for.
func (t *Tracker) both(c *candidate) bool {
	return t.find(c, typeA) != nil && t.find(c, typeAAAA) != nil
}

// lastOf returns the latest message that asked for the type, nil if none did.
func (t *Tracker) lastOf(c *candidate, qtype uint16) (last *query) {
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if q.qtype == qtype {
			last = q
		}
	}
	return last
}

// completes: another type of the same name, AAAA beside A.
func (t *Tracker) completes(l *lookup, c *candidate, q *query, now int64) joining {
	for p := t.query(c.first); p != nil; p = t.query(p.next) {
		if p.port == q.port && p.tcp == q.tcp {
			if c.open > 0 || now-c.end <= searchGap {
				return joining{rank: rankSocket}
			}
			return joining{}
		}
	}
	if t.pairs(l) || !ofAddress(q.qtype) || !ofAddress(t.queries.At(c.first).qtype) {
		return joining{}
	}
	if c.open > 0 && now-c.start <= pairGap || c.open == 0 && now-c.end <= afterGap {
		return joining{rank: rankPair}
	}
	return joining{}
}

// ofAddress reports whether a type is one of those asked for together.
func ofAddress(qtype uint16) bool {
	return qtype == typeA || qtype == typeAAAA || qtype == typeHTTPS || qtype == typeSVCB
}

// pairs reports whether the resolver asks for both types from one socket.
func (t *Tracker) pairs(l *lookup) bool {
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		if t.sameSocket(c) {
			return true
		}
	}
	return false
}

// repeats: the same question in a new message. A new id is mostly that of another program.
func (t *Tracker) repeats(c *candidate, q, last *query, now int64) joining {
	bad := last.answered && (last.failed() || last.refused)
	silent := !last.answered && now-last.last >= giveUp
	switch {
	case q.id == last.id && q.tcp == last.tcp && q.server != last.server && q.port == last.port && now-last.sent < giveUp:
		return joining{rank: rankID, again: fact.OtherServer}
	case q.id == last.id && q.tcp == last.tcp && (bad || now-last.last >= giveUp):
		// Answered or not: glibc asks for both again when it misses one, and from new ports after its first timeout
		// (resolv/res_send.c, RES_SNGLKUPREOP).
		if q.server != last.server {
			return joining{rank: rankID, again: fact.NextServer}
		}
		return joining{rank: rankID, again: fact.NewAttempt}
	case q.tcp && !last.tcp && t.truncated(c) && now-c.end <= searchGap:
		return joining{rank: rankTCP, again: fact.OverTCP}
	}
	// glibc begins anew with twice the room when an answer does not fit the caller's buffer (nss/getXXbyYY_r.c, ERANGE).
	for p := t.query(c.first); p != nil; p = t.query(p.next) {
		if p.again == fact.MoreRoom && p.port == q.port && p.qtype != q.qtype && !q.tcp && last.port != q.port {
			return joining{rank: rankSocket, again: fact.MoreRoom}
		}
	}
	if !q.tcp && last.tcp && c.open == 0 && now-c.end <= roomGap && t.truncated(c) && t.sameSocket(c) {
		return joining{rank: rankRound, again: fact.MoreRoom}
	}
	if t.sameSocket(c) || q.port == last.port {
		return joining{}
	}
	if bad && now-last.answer <= searchGap {
		return joining{rank: rankAttempt, again: fact.NewAttempt}
	}
	// A resolver that sent again at an interval goes on at it, with a new id from a new socket.
	interval := t.has(last).interval
	if off := now - last.last - interval; silent && interval > 0 && -intervalSlack < off && off < intervalSlack {
		return joining{rank: rankAttempt, again: fact.NewAttempt}
	}
	// A new id after silence may be Go's second attempt or another program's first. Only questions in Go's form are joined.
	if silent && wholeSeconds(now-last.last) && q.edns == last.edns && (q.edns == ednsGo || t.both(c)) {
		return joining{rank: rankAttempt, again: fact.NewAttempt}
	}
	return joining{}
}

// wholeSeconds reports an interval of a timer, which is set in whole seconds.
func wholeSeconds(d int64) bool {
	off := d % second
	return d < waitLimit && (off < 60*millisecond || off > second-20*millisecond)
}

func (t *Tracker) truncated(c *candidate) bool {
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if q.truncated && !q.tcp {
			return true
		}
	}
	return false
}

func (t *Tracker) sameSocket(c *candidate) bool {
	a, b := t.find(c, typeA), t.find(c, typeAAAA)
	return a != nil && b != nil && a.port == b.port
}

// labelOf returns the hash of a client and the first label of a name: candidates of a search share it.
func (t *Tracker) labelOf(client wire.Addr, name []byte) uint64 {
	return t.seed.addr(client, t.names.hash(first(name)))
}
