package lookup

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/miekg/dns"
	"github.com/netsift/netsift/analyze/fact"
)

const (
	maxMarks = 16
	// listGap: a search whose last answer is so young when the input ends may have gone on.
	listGap = 50 * millisecond
	// resendSlack is how late a resend after resolverTimeout may be, and its answer after it: a stream is
	// looked at just then, too.
	resendSlack = second
)

// deliver hands on a lookup that has ended.
func (t *Tracker) deliver(l *lookup, w why, now int64) {
	f := l.fact(w, now)
	l.learn()
	t.totals.add(f, l)
	t.emit(f)
}

// Open hands on each lookup that has not ended, as far as it has come at the time now. It changes nothing. Conclusions that the
// next message may undo are left out: a lookup that goes on gets one.
func (t *Tracker) Open(now int64, emit func(*fact.Lookup)) {
	for _, s := range []*list{&t.waiting, &t.settled} {
		for l := s.head; l != nil; l = l.next {
			w := goesOn
			if s == &t.waiting && now-l.active > waitLimit {
				w = ended
			}
			emit(l.fact(w, now))
		}
	}
}

// fact returns the tracker's knowledge of a lookup.
func (l *lookup) fact(w why, now int64) *fact.Lookup {
	f := &fact.Lookup{
		Client: l.client.addr, Name: text(l.name()),
		Start: l.start, Messages: l.messages, Mixed: l.mixed, Headless: l.headless, Timeout: -1,
	}
	f.Resolver, f.ResolverWhy = l.resolver()
	f.NdotsMin, f.NdotsMax = l.ndots()
	for i := range l.cands {
		l.candidate(f, &l.cands[i])
	}
	for i := range l.cands {
		if s := l.cands[i].name[min(len(l.base), len(l.cands[i].name)):]; l.base != "" && s != "" {
			f.Search = append(f.Search, text(s))
		}
	}
	head := l.cands[0].queries[0]
	f.Server, f.First = head.server, head.queryRef
	if head.sent == 0 {
		f.First = head.answerRef
	}
	f.Duration = max(l.lastAnswer, 0) - l.start
	if l.lastAnswer == 0 {
		f.Duration = l.lastSend - l.start
	}
	l.outcome(f, w, now)
	f.Upstream = l.upstream()
	l.mark(f)
	return f
}

// learn remembers the part of its client's list that a search showed.
func (l *lookup) learn() {
	if l.base == "" {
		return
	}
	for i := range l.cands {
		if s := l.cands[i].name[len(l.base):]; s != "" {
			l.client.learn(s, i == 0)
		}
	}
}

func (l *lookup) candidate(f *fact.Lookup, c *candidate) {
	out := fact.Candidate{QName: text(c.name), Start: c.start, Duration: -1}
	if c.end != 0 {
		out.Duration = max(c.end-c.start, 0)
	}
	if code := c.rcode(); code >= 0 {
		out.Rcode = rcodeName(code)
		out.NoData = code == rcodeNoError && !c.found() && !c.cut()
	}
	out.Queries = make([]fact.Query, 0, len(c.queries))
	for _, q := range c.queries {
		out.Queries = append(out.Queries, q.fact())
		if !f.Backend.IsValid() || q.everAnswered && len(f.Answer) == 0 {
			f.Backend = q.backend
		}
		f.Retries += q.resends
		f.TCP = f.TCP || q.again == fact.OverTCP
		switch q.again {
		case fact.FirstTime:
			out.Types = append(out.Types, typeName(q.qtype))
			c.question(f, q)
		case fact.NextServer, fact.NewAttempt:
			f.Retries++
		}
		if d := c.waited(q); d > 0 && (f.Timeout < 0 || d < f.Timeout) {
			f.Timeout = d
		}
	}
	if out.Rcode == "NXDOMAIN" && out.Duration > 0 {
		f.WastedTime += out.Duration
	}
	f.Candidates = append(f.Candidates, out)
}

// waited is the shortest time that a question was left unanswered for until this message asked it again, 0 for none.
func (c *candidate) waited(q *query) int64 {
	d := q.interval
	if q.again != fact.NextServer && q.again != fact.NewAttempt || q.sent == 0 {
		return d
	}
	var before *query
	for _, p := range c.queries {
		if p == q {
			break
		}
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

// question counts one question by the best answer that any message asking it got.
func (c *candidate) question(f *fact.Lookup, first *query) {
	f.Queries++
	answered, gone, sends := false, false, 0
	var addrs []netip.Addr
	for _, q := range c.queries {
		if q.qtype != first.qtype {
			continue
		}
		sends += 1 + q.resends
		if q.everAnswered {
			answered = true
			gone = q.rcode == rcodeNXDomain
			if len(q.addrs) >= len(addrs) && q.rcode == rcodeNoError {
				addrs = q.addrs
			}
		}
	}
	switch {
	case gone:
		f.Wasted++
	case !answered:
		f.Unanswered++
		f.Attempts = max(f.Attempts, sends)
	}
	f.Answer = append(f.Answer, addrs...)
}

func (q *query) fact() fact.Query {
	out := fact.Query{
		Type: typeName(q.qtype), ID: q.id, Client: q.client, Server: q.server, Backend: q.backend, TCP: q.tcp, Again: q.again,
		EDNS: q.edns, Sent: q.sent, LastSent: q.last, Retries: q.resends, Duration: -1,
		Truncated: q.truncated, Answers: q.records, Refused: q.refused, Declined: q.declined,
		QueryRef: q.queryRef, ResendRef: q.resendRef, AnswerRef: q.answerRef, ErrorRef: q.errorRef,
	}
	if q.everAnswered {
		out.Rcode = rcodeName(int(q.rcode))
		out.NoData = q.rcode == rcodeNoError && q.data == 0 && !q.truncated
		if q.sent != 0 {
			out.Duration = max(q.firstAnswer-q.sent, 0)
		}
	}
	return out
}

// outcome is the application's result: data if any candidate got it, else the last candidate's word.
func (l *lookup) outcome(f *fact.Lookup, w why, now int64) {
	c := l.current()
	nodata := false
	for i := range l.cands {
		if l.cands[i].found() {
			f.Outcome = fact.LookupAnswered
			return
		}
		nodata = nodata || f.Candidates[i].NoData
	}
	// Not every resolver comes as far as the bare name; one that does has tried it all.
	last := l.base != "" && c.name == l.base
	timeout := resolverTimeout
	if w == goesOn {
		timeout += resendSlack
	}
	f.CutShort = len(l.cands) > 1 && last && l.cands[len(l.cands)-2].silent()
	switch {
	case w != ended && c.silent() && !f.CutShort && now-c.start < timeout:
		f.Outcome, f.CutShort = fact.LookupUnfinished, false
	case w == goesOn && !c.silent() && now-l.active < listGap:
		f.Outcome, f.CutShort = fact.LookupUnfinished, false
	case w == inputEnded && c.open == 0 && !last && now-c.end < listGap && !c.refused() && !c.failed():
		f.Outcome, f.CutShort = fact.LookupUnfinished, false
	case c.silent():
		f.Outcome = fact.LookupTimeout
		f.CutShort = f.CutShort || !last
	case c.refused():
		f.Outcome = fact.LookupServfail
	case c.cut():
		f.Outcome = fact.LookupTruncated
	case f.Candidates[len(f.Candidates)-1].Rcode == "NXDOMAIN" && !nodata:
		f.Outcome = fact.LookupNXDomain
	case nodata:
		f.Outcome = fact.LookupNoData
	default:
		f.Outcome = fact.LookupServfail
	}
}

// found reports whether a record of a type asked for came back. A truncated answer without any is none, unless the client asked
// again over TCP (musl before 1.2.4 does not).
func (c *candidate) found() bool {
	for _, q := range c.queries {
		if q.everAnswered && q.rcode == rcodeNoError && q.data > 0 {
			return true
		}
	}
	return false
}

// cut reports whether the best answer to a question was a truncated one without any record.
func (c *candidate) cut() bool {
	return !c.found() && slices.ContainsFunc(c.queries, func(q *query) bool {
		return q.everAnswered && q.rcode == rcodeNoError && q.truncated && !q.tcp && !slices.ContainsFunc(c.queries, func(p *query) bool {
			return p.qtype == q.qtype && p.everAnswered && !p.truncated
		})
	})
}

// failed reports whether each question was answered, and every answer was an error of a server.
func (c *candidate) failed() bool {
	return !slices.ContainsFunc(c.queries, func(q *query) bool { return !q.failed() })
}

// silent reports whether a question of the candidate got no answer at all.
func (c *candidate) silent() bool {
	for _, q := range c.queries {
		if q.again == fact.FirstTime && !c.heard(q.qtype) {
			return true
		}
	}
	return false
}

func (c *candidate) heard(qtype uint16) bool {
	for _, q := range c.queries {
		if q.qtype == qtype && (q.everAnswered || q.refused) {
			return true
		}
	}
	return false
}

// refused reports whether only ICMP errors came back.
func (c *candidate) refused() bool {
	any := false
	for _, q := range c.queries {
		if q.everAnswered {
			return false
		}
		any = any || q.refused
	}
	return any
}

// upstream sums up the questions that servers asked for this lookup, by the one that went worst.
func (l *lookup) upstream() *fact.Upstream {
	var worst *query
	failed := 0
	for _, q := range l.up {
		if bad(q) {
			failed++
		}
		if worst == nil || bad(q) && !bad(worst) || bad(q) == bad(worst) && took(q) > took(worst) {
			worst = q
		}
	}
	if worst == nil {
		return nil
	}
	u := &fact.Upstream{
		Client: worst.client, Server: worst.server, Name: text(worst.name), Type: typeName(worst.qtype),
		Queries: len(l.up), Failed: failed, Duration: took(worst), Unreachable: worst.refused, Ref: worst.queryRef,
	}
	if worst.everAnswered {
		u.Rcode = rcodeName(int(worst.rcode))
	}
	return u
}

func bad(q *query) bool { return !q.everAnswered || q.failed() }

func took(q *query) int64 {
	if !q.everAnswered || q.sent == 0 {
		return -1
	}
	return max(q.firstAnswer-q.sent, 0)
}

// mark chooses the frames that show how it went: the first question, resends, errors, and each candidate's
// last answer.
func (l *lookup) mark(f *fact.Lookup) {
	var marks []fact.Mark
	add := func(kind fact.MarkKind, ref fact.Ref, time int64, count int) {
		if ref.Frame != 0 {
			marks = append(marks, fact.Mark{Kind: kind, Ref: ref, Time: time, Count: uint32(count)})
		}
	}
	for i := range l.cands {
		var answer *query
		for j, q := range l.cands[i].queries {
			if j == 0 || q.again != fact.FirstTime {
				add(fact.MarkQuery, q.queryRef, q.sent, 1)
			}
			if q.resends > 0 {
				add(fact.MarkResend, q.resendRef, q.last, 1+q.resends)
			}
			if q.refused || q.declined {
				add(fact.MarkICMP, q.errorRef, q.refusedAt, 1)
			}
			if q.everAnswered && (answer == nil || q.firstAnswer > answer.firstAnswer) {
				answer = q
			}
		}
		if answer != nil {
			add(fact.MarkReply, answer.answerRef, answer.firstAnswer, 1)
		}
	}
	slices.SortStableFunc(marks, func(a, b fact.Mark) int { return cmp.Compare(a.Time, b.Time) })
	if n := len(marks); n > maxMarks {
		// How it began and how it ended.
		marks = append(marks[:maxMarks/2:maxMarks/2], marks[n-maxMarks/2:]...)
	}
	f.Marks = marks
}

func typeName(qtype uint16) string { return dns.Type(qtype).String() }

func rcodeName(code int) string {
	if s, ok := dns.RcodeToString[code]; ok {
		return s
	}
	return "RCODE" + string([]byte{'0' + byte(code/10%10), '0' + byte(code%10)})
}
