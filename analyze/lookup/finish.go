package lookup

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/miekg/dns"
	"github.com/netsift/netsift/analyze/fact"
)

const maxMarks = 16

// deliver hands on a lookup that has ended.
func (t *Tracker) deliver(l *lookup, w why, now int64) {
	s := t.sumUp(l, w, now)
	seen := t.resolver(l, true)
	name := t.askedFor(l)
	t.totals.add(t, l, s, name)
	if t.sinks.Query != nil {
		t.tellQueries(l)
	}
	if t.sinks.Service != nil && s.addrs == 1 && isService(t.names.text(t.cands.At(l.last).name)) {
		t.sinks.Service(t.answer(l, s)[0])
	}
	if t.sinks.Plain == nil || !t.isPlain(l, s) || !t.sinks.Plain(t.plainOf(l, s, seen, name)) {
		t.sinks.Lookup(t.fact(l, s, seen, name))
	}
	t.learn(l)
}

// tellQueries tells how long each query's answer took.
func (t *Tracker) tellQueries(l *lookup) {
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		for q := t.query(c.first); q != nil; q = t.query(q.next) {
			if q.sent != 0 {
				t.sinks.Query(q.sent, q.duration())
			}
		}
	}
}

// duration is the time from a query to its first answer, -1 where either was not seen.
func (q *query) duration() int64 {
	if !q.everAnswered || q.sent == 0 {
		return -1
	}
	return max(q.firstAnswer-q.sent, 0)
}

// Open hands on each lookup that has not ended, as far as it has come at the time now. It changes nothing. Conclusions that the
// next message may undo are left out: a lookup that goes on gets one.
func (t *Tracker) Open(now int64, to Sinks) {
	for list := waiting; list <= settled; list++ {
		for l := t.lookup(t.lists[list].head); l != nil; l = t.lookup(l.next) {
			w := goesOn
			if list == waiting && now-l.active > waitLimit {
				w = ended
			}
			s, seen, name := t.sumUp(l, w, now), t.resolver(l, false), t.askedFor(l)
			if to.Plain == nil || !t.isPlain(l, s) || !to.Plain(t.plainOf(l, s, seen, name)) {
				to.Lookup(t.fact(l, s, seen, name))
			}
		}
	}
}

// learn remembers the part of its client's list that a search showed.
func (t *Tracker) learn(l *lookup) {
	if l.base == 0 {
		return
	}
	client := t.clients.At(l.client)
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		if suffix := t.names.text(c.name)[l.base:]; len(suffix) > 0 {
			t.learnSuffix(client, suffix, c.self == l.first)
		}
	}
}

// fact returns the tracker's knowledge of a lookup. Its lists and texts share memory, each kind for the whole lookup.
func (t *Tracker) fact(l *lookup, s *sum, seen sign, name []byte) *fact.Lookup {
	f := &fact.Lookup{
		Client: t.clients.At(l.client).addr.Netip(), Server: t.endpoint(s.server), Backend: t.endpoint(s.backend),
		Resolver: seen.name, ResolverWhy: seen.text(),
		Queries: s.queries, Wasted: s.wasted, Retries: s.retries, Unanswered: s.unanswered, Messages: int(l.messages),
		Start: l.start, Duration: s.duration, WastedTime: s.wastedTime, Timeout: s.timeout, Attempts: s.attempts,
		Outcome: s.outcome, CutShort: s.cutShort, TCP: s.tcp, Mixed: l.mixed, Headless: l.headless,
		Answer: t.answer(l, s), Upstream: t.upstream(l), Marks: t.marks(l),
	}
	f.NdotsMin, f.NdotsMax = t.ndots(l)
	head := t.queries.At(t.cands.At(l.first).first)
	f.First = head.queryRef.fact()
	if head.sent == 0 {
		f.First = head.answerRef.fact()
	}
	var text []byte
	var ends [maxCandidates]int
	n, types := 0, 0
	for i, c := 0, t.cand(l.first); c != nil; i, c = i+1, t.cand(c.next) {
		text = appendText(text, t.names.text(c.name))
		ends[i] = len(text)
		n, types = n+int(c.n), types+s.cands[i].types
	}
	all, from := string(text), 0
	f.Name = all[:len(appendText(text[:0], name))]
	base := 0
	if l.base != 0 {
		base = len(f.Name)
		f.Search = make([]string, 0, s.n)
	}
	f.Candidates = make([]fact.Candidate, s.n)
	queries, kinds := make([]fact.Query, 0, n), make([]string, 0, types)
	for i, c := 0, t.cand(l.first); c != nil; i, c = i+1, t.cand(c.next) {
		x, out := &s.cands[i], &f.Candidates[i]
		*out = fact.Candidate{QName: all[from:ends[i]], Start: c.start, Duration: x.duration, NoData: x.noData}
		from = ends[i]
		if x.code >= 0 {
			out.Rcode = rcodeName(x.code)
		}
		if l.base != 0 && len(out.QName) > base {
			f.Search = append(f.Search, out.QName[base+1:])
		}
		atQuery, atType := len(queries), len(kinds)
		for q := t.query(c.first); q != nil; q = t.query(q.next) {
			queries = append(queries, t.factOf(q))
			if q.again == fact.FirstTime {
				kinds = append(kinds, typeName(q.qtype))
			}
		}
		out.Queries, out.Types = queries[atQuery:len(queries):len(queries)], kinds[atType:len(kinds):len(kinds)]
	}
	return f
}

func (t *Tracker) factOf(q *query) fact.Query {
	x := t.has(q)
	out := fact.Query{
		Type: typeName(q.qtype), ID: q.id, Client: t.asker(q), Server: t.endpoint(q.server), Backend: t.endpoint(q.backend),
		TCP: q.tcp, Again: q.again, EDNS: q.edns, Sent: q.sent, LastSent: q.last, Retries: int(q.resends), Duration: q.duration(),
		Truncated: q.truncated, Answers: int(q.records), Refused: q.refused, Declined: q.declined,
		QueryRef: q.queryRef.fact(), ResendRef: x.resendRef.fact(), AnswerRef: q.answerRef.fact(), ErrorRef: x.errorRef.fact(),
	}
	if q.everAnswered {
		out.Rcode = rcodeName(int(q.rcode))
		out.NoData = q.rcode == rcodeNoError && q.data == 0 && !q.truncated
	}
	return out
}

// answer returns the addresses of the answer.
func (t *Tracker) answer(l *lookup, s *sum) []netip.Addr {
	if s.addrs == 0 {
		return nil
	}
	list := make([]netip.Addr, 0, s.addrs)
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		for q := t.query(c.first); q != nil; q = t.query(q.next) {
			if q.again != fact.FirstTime {
				continue
			}
			if best := t.best(c, q.qtype); best != nil {
				for id := best.addrs; id != 0; id = t.addrs.At(id).next {
					a := t.addrs.At(id)
					for _, x := range a.list[:a.n] {
						list = append(list, x.netip())
					}
				}
			}
		}
	}
	return list
}

// upstream sums up the questions that servers asked for this lookup, by the one that went worst.
func (t *Tracker) upstream(l *lookup) *fact.Upstream {
	var worst *query
	failed := 0
	for q := t.query(l.up); q != nil; q = t.query(t.has(q).nextUp) {
		if bad(q) {
			failed++
		}
		if worst == nil || bad(q) && !bad(worst) || bad(q) == bad(worst) && q.duration() > worst.duration() {
			worst = q
		}
	}
	if worst == nil {
		return nil
	}
	u := &fact.Upstream{
		Client: t.asker(worst), Server: t.endpoint(worst.server), Name: string(appendText(nil, t.names.text(t.has(worst).name))), Type: typeName(worst.qtype),
		Queries: int(l.ups), Failed: failed, Duration: worst.duration(), Unreachable: worst.refused, Ref: worst.queryRef.fact(),
	}
	if worst.everAnswered {
		u.Rcode = rcodeName(int(worst.rcode))
	}
	return u
}

func bad(q *query) bool { return !q.everAnswered || q.failed() }

// marks chooses the frames that show how it went: the first question, resends, errors, and each candidate's
// last answer.
func (t *Tracker) marks(l *lookup) []fact.Mark {
	var list []fact.Mark
	add := func(kind fact.MarkKind, ref ref, time int64, count int) {
		if r := ref.fact(); r.Frame != 0 {
			list = append(list, fact.Mark{Kind: kind, Ref: r, Time: time, Count: uint32(count)})
		}
	}
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		var answer *query
		for q := t.query(c.first); q != nil; q = t.query(q.next) {
			if q.self == c.first || q.again != fact.FirstTime {
				add(fact.MarkQuery, q.queryRef, q.sent, 1)
			}
			if q.resends > 0 {
				add(fact.MarkResend, t.has(q).resendRef, q.last, 1+int(q.resends))
			}
			if q.refused || q.declined {
				add(fact.MarkICMP, t.has(q).errorRef, t.has(q).refusedAt, 1)
			}
			if q.everAnswered && (answer == nil || q.firstAnswer > answer.firstAnswer) {
				answer = q
			}
		}
		if answer != nil {
			add(fact.MarkReply, answer.answerRef, answer.firstAnswer, 1)
		}
	}
	slices.SortStableFunc(list, func(a, b fact.Mark) int { return cmp.Compare(a.Time, b.Time) })
	if n := len(list); n > maxMarks {
		// How it began and how it ended.
		list = append(list[:maxMarks/2:maxMarks/2], list[n-maxMarks/2:]...)
	}
	return list
}

func typeName(qtype uint16) string {
	switch qtype {
	case typeA:
		return "A"
	case typeAAAA:
		return "AAAA"
	}
	return dns.Type(qtype).String()
}

func rcodeName(code int) string {
	switch code {
	case rcodeNoError:
		return "NOERROR"
	case rcodeNXDomain:
		return "NXDOMAIN"
	}
	if s, ok := dns.RcodeToString[code]; ok {
		return s
	}
	return "RCODE" + string([]byte{'0' + byte(code/10%10), '0' + byte(code%10)})
}
