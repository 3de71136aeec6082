package lookup

import (
	"hash/maphash"

	"github.com/netsift/netsift/analyze/fact"
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
	// next: it opens a new candidate, and base is the name as that shows it.
	next bool
	base string
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

// place finds the lookup that a question belongs to, or begins one.
func (t *Tracker) place(q *query, now int64) {
	name := string(t.r.name)
	q.name = name
	if t.forwarded(q, now) {
		return
	}
	best := joining{}
	n := 0
	for l := t.byLabel[t.labelOf(q)]; l != nil && n < scanned; l, n = l.nextLabel, n+1 {
		j := l.joins(q, now)
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
	if best.base != "" {
		l.base = best.base
	}
	t.attach(l, q, best.next, now)
}

// attach adds a question to a lookup.
func (t *Tracker) attach(l *lookup, q *query, next bool, now int64) {
	if next {
		l.cands = append(l.cands, candidate{name: q.name, start: now})
	}
	c := l.current()
	q.name, q.lookup = c.name, l
	c.queries = append(c.queries, q)
	c.open++
	l.open++
	l.lastSend = max(l.lastSend, now)
	t.index(q)
	t.touch(l, now)
	t.fit(l, now)
}

// joins returns whether and how a question goes on with a lookup.
func (l *lookup) joins(q *query, now int64) joining {
	c := l.current()
	switch {
	case l.forward || now-l.active > waitLimit || !c.speaks(q):
		return joining{}
	case q.name == c.name:
		if len(c.queries) >= maxMessages {
			return joining{}
		}
		if last := c.last(q.qtype); last != nil {
			return c.repeats(q, last, now)
		}
		return l.completes(c, q, now)
	case len(l.cands) >= maxCandidates || !l.goesOn(c, now):
		return joining{}
	}
	j := l.extends(c, q, now)
	if j.rank == rankSearch && !j.split && !l.inOrder(c, q, max(len(l.base), len(j.base))) {
		j.rank = rankSkip
	}
	if j.rank >= rankSkip && !c.both() {
		// The other type may be still to come: better a search that has both.
		if l.cands[0].both() && c.open == 0 && now-c.end <= afterGap {
			return joining{}
		}
		j.rank = rankHalf
	}
	return j
}

// speaks reports whether a question has the OPT record of the candidate's, or both have none: one resolver asks alike,
// unless a server did not understand it (RFC 6891, section 6.2.2).
func (c *candidate) speaks(q *query) bool {
	p := c.queries[len(c.queries)-1]
	return p.edns == q.edns || p.sent == 0 || q.sent == 0 || p.failed()
}

// both reports whether both types of addresses were asked for.
func (c *candidate) both() bool { return c.find(typeA) != nil && c.find(typeAAAA) != nil }

// last returns the latest message that asked for the type, nil if none did.
func (c *candidate) last(qtype uint16) *query {
	for i := len(c.queries) - 1; i >= 0; i-- {
		if c.queries[i].qtype == qtype {
			return c.queries[i]
		}
	}
	return nil
}

// completes: another type of the same name, AAAA beside A.
func (l *lookup) completes(c *candidate, q *query, now int64) joining {
	for _, p := range c.queries {
		if p.client == q.client && p.tcp == q.tcp {
			if c.open > 0 || now-c.end <= searchGap {
				return joining{rank: rankSocket}
			}
			return joining{}
		}
	}
	if l.pairs() || !address(q.qtype) || !address(c.queries[0].qtype) {
		return joining{}
	}
	if c.open > 0 && now-c.start <= pairGap || c.open == 0 && now-c.end <= afterGap {
		return joining{rank: rankPair}
	}
	return joining{}
}

// address reports whether a type is one of those asked for together.
func address(qtype uint16) bool {
	return qtype == typeA || qtype == typeAAAA || qtype == typeHTTPS || qtype == typeSVCB
}

// pairs reports whether the resolver asks for both types from one socket.
func (l *lookup) pairs() bool {
	for i := range l.cands {
		if a, b := l.cands[i].find(typeA), l.cands[i].find(typeAAAA); a != nil && b != nil && a.client == b.client {
			return true
		}
	}
	return false
}

// repeats: the same question in a new message. A new id is mostly that of another program.
func (c *candidate) repeats(q, last *query, now int64) joining {
	bad := last.answered && (last.failed() || last.refused)
	silent := !last.answered && now-last.last >= giveUp
	switch {
	case q.id == last.id && q.tcp == last.tcp && q.server != last.server && q.client == last.client && now-last.sent < giveUp:
		return joining{rank: rankID, again: fact.OtherServer}
	case q.id == last.id && q.tcp == last.tcp && (bad || now-last.last >= giveUp):
		// Answered or not: glibc asks for both again when it misses one, and from new ports after its first timeout
		// (resolv/res_send.c, RES_SNGLKUPREOP).
		if q.server != last.server {
			return joining{rank: rankID, again: fact.NextServer}
		}
		return joining{rank: rankID, again: fact.NewAttempt}
	case q.tcp && !last.tcp && c.truncated() && now-c.end <= searchGap:
		return joining{rank: rankTCP, again: fact.OverTCP}
	}
	// glibc begins anew with twice the room when an answer does not fit the caller's buffer (nss/getXXbyYY_r.c, ERANGE).
	for _, p := range c.queries {
		if p.again == fact.MoreRoom && p.client == q.client && p.qtype != q.qtype && !q.tcp && last.client != q.client {
			return joining{rank: rankSocket, again: fact.MoreRoom}
		}
	}
	if !q.tcp && last.tcp && c.open == 0 && now-c.end <= roomGap && c.truncated() && c.sameSocket() {
		return joining{rank: rankRound, again: fact.MoreRoom}
	}
	if c.sameSocket() || q.client == last.client {
		return joining{}
	}
	if bad && now-last.answer <= searchGap {
		return joining{rank: rankAttempt, again: fact.NewAttempt}
	}
	// A resolver that sent again at an interval goes on at it, with a new id from a new socket.
	if off := now - last.last - last.interval; silent && last.interval > 0 && -intervalSlack < off && off < intervalSlack {
		return joining{rank: rankAttempt, again: fact.NewAttempt}
	}
	// A new id after silence may be Go's second attempt or another program's first. Only questions in Go's form are joined.
	if silent && wholeSeconds(now-last.last) && q.edns == last.edns && (q.edns == ednsGo || c.find(typeA) != nil && c.find(typeAAAA) != nil) {
		return joining{rank: rankAttempt, again: fact.NewAttempt}
	}
	return joining{}
}

// wholeSeconds reports an interval of a timer, which is set in whole seconds.
func wholeSeconds(d int64) bool {
	off := d % second
	return d < waitLimit && (off < 60*millisecond || off > second-20*millisecond)
}

func (c *candidate) truncated() bool {
	for _, q := range c.queries {
		if q.truncated && !q.tcp {
			return true
		}
	}
	return false
}

func (c *candidate) sameSocket() bool {
	a, b := c.find(typeA), c.find(typeAAAA)
	return a != nil && b != nil && a.client == b.client
}

func (t *Tracker) labelOf(q *query) labelKey {
	return labelKey{q.client.Addr(), maphash.String(t.seed, first(q.name))}
}
