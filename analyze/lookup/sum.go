package lookup

import "github.com/netsift/netsift/analyze/fact"

const (
	// listGap: a search whose last answer is so young when the input ends may have gone on.
	listGap = 50 * millisecond
	// resendSlack is how late a resend after resolverTimeout may be, and its answer after it: a stream is
	// looked at just then, too.
	resendSlack = second
)

// sum is what a lookup comes to, in numbers: what fact.Lookup says, without its texts and lists.
type sum struct {
	queries, wasted, retries, unanswered int
	duration, wastedTime, timeout        int64
	attempts                             int
	server, backend                      uint32
	outcome                              fact.LookupOutcome
	cutShort, tcp                        bool
	// addrs counts the addresses of the answer.
	addrs int
	// cands are those of its candidates.
	cands []candSum
}

// candSum is the same of a candidate.
type candSum struct {
	// code is its response code, negative without any.
	code     int
	types    int
	duration int64
	noData   bool
}

// sumUp adds a lookup up, as it is at the time now.
func (t *Tracker) sumUp(l *lookup, w why, now int64) *sum {
	s := &t.sum
	*s = sum{timeout: -1, cands: s.cands[:0]}
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		t.addCandidate(s, c)
	}
	s.server = t.queries.At(t.cands.At(l.first).first).server
	s.duration = max(l.lastAnswer, 0) - l.start
	if l.lastAnswer == 0 {
		s.duration = l.lastSend - l.start
	}
	if until := t.outages.Until(l.active, now); until < now {
		w, now = inputEnded, until
	}
	t.outcome(s, l, w, now)
	return s
}

// Outage notes that a capture ended at that time, in Unix nanoseconds, and was begun anew.
func (t *Tracker) Outage(began int64) { t.outages.Add(began) }

func (t *Tracker) addCandidate(s *sum, c *candidate) {
	out := candSum{code: t.rcode(c), duration: -1}
	if c.end != 0 {
		out.duration = max(c.end-c.start, 0)
	}
	out.noData = out.code == rcodeNoError && !t.found(c) && !t.cut(c)
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if s.backend == 0 || q.everAnswered && s.addrs == 0 {
			s.backend = q.backend
		}
		s.retries += int(q.resends)
		s.tcp = s.tcp || q.again == fact.OverTCP
		switch q.again {
		case fact.FirstTime:
			out.types++
			t.addQuestion(s, c, q)
		case fact.NextServer, fact.NewAttempt:
			s.retries++
		}
		if d := t.waited(c, q); d > 0 && (s.timeout < 0 || d < s.timeout) {
			s.timeout = d
		}
	}
	if out.code == rcodeNXDomain && out.duration > 0 {
		s.wastedTime += out.duration
	}
	s.cands = append(s.cands, out)
}

// waited is the shortest time that a question was left unanswered for until this message asked it again, 0 for none.
func (t *Tracker) waited(c *candidate, q *query) int64 {
	d := t.has(q).interval
	if q.again != fact.NextServer && q.again != fact.NewAttempt || q.sent == 0 {
		return d
	}
	var before *query
	for p := t.query(c.first); p != q; p = t.query(p.next) {
		if p.qtype == q.qtype {
			before = p
		}
	}
	if before == nil || before.sent == 0 || before.refused || before.everAnswered && before.firstAnswer <= q.sent {
		return d
	}
	if n := q.sent - before.last; n > 0 && (d == 0 || n < d) {
		return n
	}
	return d
}

// addQuestion counts one question by the best answer that any message asking it got.
func (t *Tracker) addQuestion(s *sum, c *candidate, first *query) {
	s.queries++
	answered, gone, sends := false, false, 0
	for q := first; q != nil; q = t.query(q.next) {
		if q.qtype != first.qtype {
			continue
		}
		sends += 1 + int(q.resends)
		if q.everAnswered {
			answered = true
			gone = q.rcode == rcodeNXDomain
		}
	}
	switch {
	case gone:
		s.wasted++
	case !answered:
		s.unanswered++
		s.attempts = max(s.attempts, sends)
	}
	if best := t.best(c, first.qtype); best != nil {
		s.addrs += t.countAddrs(best)
	}
}

// best returns the message that asked for a type and got most addresses, the latest of several, nil where none got any.
func (t *Tracker) best(c *candidate, qtype uint16) (best *query) {
	most := 0
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if q.qtype != qtype || !q.everAnswered || q.rcode != rcodeNoError || q.addrs == 0 {
			continue
		}
		if n := t.countAddrs(q); n >= most {
			most, best = n, q
		}
	}
	return best
}

func (t *Tracker) countAddrs(q *query) (n int) {
	for id := q.addrs; id != 0; id = t.addrs.At(id).next {
		n += int(t.addrs.At(id).n)
	}
	return n
}

// outcome is the application's result: data if any candidate got it, else the last candidate's word.
func (t *Tracker) outcome(s *sum, l *lookup, w why, now int64) {
	nodata := false
	i := 0
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		if t.found(c) {
			s.outcome = fact.LookupAnswered
			return
		}
		nodata = nodata || s.cands[i].noData
		i++
	}
	before, c := t.lastTwo(l)
	// Not every resolver comes as far as the bare name; one that does has tried it all.
	last := t.bare(l, c)
	timeout := resolverTimeout
	if w == goesOn {
		timeout += resendSlack
	}
	s.cutShort = before != nil && last && t.silent(before)
	switch {
	case w != ended && t.silent(c) && !s.cutShort && now-c.start < timeout:
		s.outcome, s.cutShort = fact.LookupUnfinished, false
	case w == goesOn && !t.silent(c) && now-l.active < listGap:
		s.outcome, s.cutShort = fact.LookupUnfinished, false
	case w == inputEnded && c.open == 0 && !last && now-c.end < listGap && !t.refused(c) && !t.failed(c):
		s.outcome, s.cutShort = fact.LookupUnfinished, false
	case t.silent(c):
		s.outcome = fact.LookupTimeout
		s.cutShort = s.cutShort || !last
	case t.refused(c):
		s.outcome = fact.LookupServfail
	case t.cut(c):
		s.outcome = fact.LookupTruncated
	case s.cands[len(s.cands)-1].code == rcodeNXDomain && !nodata:
		s.outcome = fact.LookupNXDomain
	case nodata:
		s.outcome = fact.LookupNoData
	default:
		s.outcome = fact.LookupServfail
	}
}

// found reports whether a record of a type asked for came back. A truncated answer without any is none, unless the client asked
// again over TCP (musl before 1.2.4 does not).
func (t *Tracker) found(c *candidate) bool {
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if q.everAnswered && q.rcode == rcodeNoError && q.data > 0 {
			return true
		}
	}
	return false
}

// cut reports whether the best answer to a question was a truncated one without any record.
func (t *Tracker) cut(c *candidate) bool {
	if t.found(c) {
		return false
	}
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if q.everAnswered && q.rcode == rcodeNoError && q.truncated && !q.tcp && !t.wholeAnswer(c, q.qtype) {
			return true
		}
	}
	return false
}

func (t *Tracker) wholeAnswer(c *candidate, qtype uint16) bool {
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if q.qtype == qtype && q.everAnswered && !q.truncated {
			return true
		}
	}
	return false
}

// failed reports whether each question was answered, and every answer was an error of a server.
func (t *Tracker) failed(c *candidate) bool {
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if !q.failed() {
			return false
		}
	}
	return true
}

// silent reports whether a question of the candidate got no answer at all.
func (t *Tracker) silent(c *candidate) bool {
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if q.again == fact.FirstTime && !t.heard(c, q.qtype) {
			return true
		}
	}
	return false
}

func (t *Tracker) heard(c *candidate, qtype uint16) bool {
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if q.qtype == qtype && (q.everAnswered || q.refused) {
			return true
		}
	}
	return false
}

// refused reports whether only ICMP errors came back.
func (t *Tracker) refused(c *candidate) bool {
	any := false
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if q.everAnswered {
			return false
		}
		any = any || q.refused
	}
	return any
}
