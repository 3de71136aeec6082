package lookup

import (
	"hash/maphash"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// How long things are waited for, in nanoseconds.
const (
	millisecond = int64(1_000_000)
	second      = 1000 * millisecond

	// resolverTimeout is how long resolvers wait for an answer unless told otherwise: 5 s in glibc (RES_TIMEOUT in
	// resolv/resolv.h), Go (net/dnsconfig.go) and musl (all attempts together, src/network/resolvconf.c).
	resolverTimeout = 5 * second
	// waitLimit is the age at which a lookup with unanswered questions is given up: two timeouts, and some slack.
	waitLimit = 12 * second
	// settledLimit keeps an answered lookup until a resend of its questions can't come any more: a resend shows that
	// the answer was lost on its way.
	settledLimit = resolverTimeout + second
	// Below this time, sightings in other views may pass for resends. No resolver is so impatient.
	resendMin = 20 * millisecond
)

// Budgets. A lookup with two questions takes 2 KB with its client and indexes, one with eight 5 KB: 65 MB of waiting
// ones, 40 MB of settled ones at most.
const (
	// maxOpen lookups are kept at once; beyond, the one that has been idle longest is given up.
	maxOpen = 1 << 15
	// maxSettled of them are answered and only wait for stragglers; beyond, the oldest is emitted early.
	maxSettled = 1 << 13
	// A lookup has at most so many candidates, messages each, and upstream questions.
	maxCandidates = 32
	maxMessages   = 64
	maxUpstream   = 32
	// scanned bounds how many lookups, or questions, of a chain are looked at: the newest.
	scanned = 48
	// late remembers closed questions so that late or repeated answers are recognized.
	maxLate = 1 << 14
)

// idKey finds the queries that an answer or ICMP error may belong to.
type idKey struct {
	client netip.AddrPort
	id     uint16
	tcp    bool
}

// flowKey names the traffic of one socket with one server.
type flowKey struct{ client, server netip.AddrPort }

// labelKey finds the lookups that a query may continue: candidates of a search share their first label.
type labelKey struct {
	client netip.Addr
	label  uint64
}

// Tracker groups DNS messages into lookups. It is not safe for concurrent use.
type Tracker struct {
	emit func(*fact.Lookup)
	seed maphash.Seed
	// r is the message at hand.
	r reading

	byID    map[idKey]*query
	asked   map[uint64]*query
	byLabel map[labelKey]*lookup
	flows   map[flowKey]*flow
	clients map[netip.Addr]*client
	idle    clientList
	servers map[netip.Addr]bool
	// waiting lookups have questions open, settled ones have none; forwards are DNS servers' own.
	waiting, settled, forwards list
	late                       lateSet
	stats                      serverStats
	totals                     totals

	limits limits
}

// limits are the budgets, smaller in tests.
type limits struct{ open, settled, clients int }

// New returns a Tracker that hands each lookup to emit when it ends. The value is emit's to keep.
func New(emit func(*fact.Lookup)) *Tracker {
	t := &Tracker{
		emit:    emit,
		seed:    maphash.MakeSeed(),
		byID:    make(map[idKey]*query),
		asked:   make(map[uint64]*query),
		byLabel: make(map[labelKey]*lookup),
		flows:   make(map[flowKey]*flow),
		clients: make(map[netip.Addr]*client),
		servers: make(map[netip.Addr]bool),
		limits:  limits{maxOpen, maxSettled, maxClients},
	}
	t.late.seen = make(map[uint64]struct{})
	t.stats.byServer = make(map[netip.AddrPort]*server)
	t.totals.init()
	return t
}

// Add takes the next message.
func (t *Tracker) Add(m *Message) {
	if !t.r.read(m.Body, m.Response) {
		t.totals.unread++
		return
	}
	if t.r.whole && upkeep(t.r.name, t.r.qtype) {
		t.totals.upkeep++
		return
	}
	if m.Response {
		t.response(m)
		return
	}
	t.query(m)
}

// upkeep recognizes DNS servers' own queries: CoreDNS's loop detection (HINFO of two numbers, plugin/loop)
// and health checks of upstreams (NS of the root, plugin/forward).
func upkeep(name []byte, qtype uint16) bool {
	if qtype == typeNS && len(name) == 0 {
		return true
	}
	if qtype != typeHINFO {
		return false
	}
	n, left := 0, 0
	for _, c := range name {
		if left == 0 {
			n, left = n+1, int(c)
			continue
		}
		if c < '0' || c > '9' {
			return false
		}
		left--
	}
	return n >= 2
}

func (t *Tracker) query(m *Message) {
	if q := t.match(m, true); q != nil && m.Time-q.lookup.active <= waitLimit {
		t.resend(q, m)
		return
	}
	q := t.newQuery(m)
	q.sent, q.last, q.queryRef = m.Time, m.Time, m.Ref
	t.place(q, m.Time)
	t.stats.asked(q.candidate(), q)
	q.lookup.messages++
	q.spelled(q.candidate())
}

// newQuery makes the question at hand known to the indexes.
func (t *Tracker) newQuery(m *Message) *query {
	q := &query{
		client: m.Client, server: m.Server, backend: m.Backend,
		id: t.r.id, qtype: t.r.qtype, tcp: m.TCP, edns: t.r.edns,
	}
	q.question = t.questionHash(t.r.name, t.r.qtype)
	if t.r.spelling != nil {
		q.spelling = maphash.Bytes(t.seed, t.r.spelling)
	}
	return q
}

// questionHash is seeded: the sender chooses names and ids.
func (t *Tracker) questionHash(name []byte, qtype uint16) uint64 {
	return maphash.Bytes(t.seed, name) + uint64(qtype)*0x9e3779b97f4a7c15
}

// match returns the query that the message at hand repeats or answers.
func (t *Tracker) match(m *Message, sameServer bool) *query {
	r := &t.r
	var other *query
	for q := t.byID[idKey{m.Client, r.id, m.TCP}]; q != nil; q = q.nextByID {
		if r.whole && (q.qtype != r.qtype || q.name != string(r.name)) {
			continue
		}
		if q.server == m.Server {
			return q
		}
		// A response that was only seen untranslated on its way has the backend for its server.
		if !sameServer && r.whole && (other == nil || !q.answered && other.answered) &&
			(q.backend == m.Server || m.Backend.IsValid() && q.backend == m.Backend) {
			other = q
		}
	}
	return other
}

// resend takes a query that was seen before, or another sighting of it.
func (t *Tracker) resend(q *query, m *Message) {
	l := q.lookup
	if q.sent == 0 {
		// The answer overtook it: files are merged in corrected time, which has its error.
		q.sent, q.last, q.queryRef = m.Time, m.Time, m.Ref
		l.messages++
		l.start = min(l.start, m.Time)
		return
	}
	afterAnswer := q.answered && m.Time >= q.answer
	if !m.Resend && !afterAnswer && m.Time-q.last < resendMin {
		return
	}
	t.stats.of(q.server).retries++
	if q.resends++; q.resends == 1 {
		q.resendRef = m.Ref
	}
	if d := m.Time - q.last; !q.everAnswered && (q.interval == 0 || d < q.interval) {
		q.interval = d
	}
	q.last = max(q.last, m.Time)
	l.lastSend = max(l.lastSend, m.Time)
	l.messages++
	if m.Backend.IsValid() {
		q.backend = m.Backend
	}
	if q.answered && (q.failed() || q.refused) {
		t.reopen(q)
	}
	t.touch(l, m.Time)
}

// reopen makes a question wait for an answer again.
func (t *Tracker) reopen(q *query) {
	q.answered = false
	c := q.candidate()
	c.open++
	q.lookup.open++
	t.ask(q)
}

func (q *query) candidate() *candidate {
	for i := len(q.lookup.cands) - 1; i >= 0; i-- {
		if q.lookup.cands[i].name == q.name {
			return &q.lookup.cands[i]
		}
	}
	return q.lookup.current()
}

func (t *Tracker) response(m *Message) {
	r := &t.r
	// The address of a NodePort is a node's, which asks for itself, too.
	if m.Backend.IsValid() {
		t.serves(m.Backend.Addr(), m.Time)
	} else {
		t.serves(m.Server.Addr(), m.Time)
	}
	q := t.match(m, false)
	if q == nil {
		if !r.whole || t.late.has(t.lateHash(m.Client, r.id, t.questionHash(r.name, r.qtype))) {
			t.totals.stray++
			return
		}
		q = t.newQuery(m)
		t.place(q, m.Time)
		t.stats.asked(q.candidate(), q)
		q.lookup.headless = true
	}
	if m.Backend.IsValid() && !q.backend.IsValid() {
		q.backend = m.Backend
	}
	l := q.lookup
	q.answers++
	if q.everAnswered && q.answered && !q.refused {
		// Again, by another way or to a resend that crossed the answer.
		if m.Time > q.last && q.last > q.answer {
			l.lastAnswer = max(l.lastAnswer, m.Time)
		}
		return
	}
	c := q.candidate()
	awaited := !q.answered || q.refused
	if !q.answered {
		t.settle(q, c)
	}
	if !q.everAnswered {
		q.firstAnswer, q.answerRef, q.rcode = m.Time, m.Ref, r.rcode
		t.stats.answered(c, q)
	}
	q.everAnswered, q.refused, q.answer = true, false, m.Time
	q.rcode, q.truncated, q.records, q.data = r.rcode, r.truncated, r.answers, r.data
	q.addrs = append([]netip.Addr(nil), r.addrs...)
	if q.rcode == rcodeNoError && (q.data > 0 || q.truncated) {
		c.data++
	}
	if !awaited {
		return
	}
	c.end = max(c.end, m.Time)
	l.lastAnswer = max(l.lastAnswer, m.Time)
	if !q.failed() {
		// The resolver has its answer: it waits for no other server's.
		for _, p := range c.queries {
			if p.qtype == q.qtype && !p.answered {
				t.settle(p, c)
				p.answer = m.Time
			}
		}
	}
	if l.open == 0 && c.data > 0 && c.both() && !c.truncated() {
		// It has all it asked for. Later messages are matched by id.
		t.unchain(l)
	}
	t.touch(l, m.Time)
}

// settle takes a question off those that wait for an answer.
func (t *Tracker) settle(q *query, c *candidate) {
	q.answered = true
	c.open--
	q.lookup.open--
	t.unask(q)
}

// Unreachable records that an ICMP error quoted the client's query with that id.
func (t *Tracker) Unreachable(client, server netip.AddrPort, id uint16, time int64, ref fact.Ref) {
	for q := t.byID[idKey{client, id, false}]; q != nil; q = q.nextByID {
		if q.server != server && q.backend != server || q.refused {
			continue
		}
		q.refused, q.errorRef, q.refusedAt = true, ref, time
		if !q.answered {
			c := q.candidate()
			t.settle(q, c)
			q.answer = time
			c.end = max(c.end, time)
		}
		t.touch(q.lookup, time)
	}
}

// declineGap is how long a client takes at most to refuse an answer.
const declineGap = 100 * millisecond

// Declined tells that the client refused an answer with that id, by an ICMP error. If it is foreign, it came from an address that the
// client had not asked; else to a socket that was closed: by a program that had given up, or had enough, as glibc has when the other
// answer was truncated. Of a program that gave up, and of a foreign answer, there was none. A second answer, to a resend, finds the
// socket closed where the first was taken.
func (t *Tracker) Declined(client, server netip.AddrPort, id uint16, foreign bool, time int64, ref fact.Ref) {
	for q := t.byID[idKey{client, id, false}]; q != nil; q = q.nextByID {
		if q.server != server && q.backend != server || !q.everAnswered || q.answers > 1 || time-q.answer > declineGap {
			continue
		}
		if !foreign && q.answer-q.last < giveUp {
			continue
		}
		l, c := q.lookup, q.candidate()
		if q.rcode == rcodeNoError && (q.data > 0 || q.truncated) {
			c.data--
		}
		t.stats.declined(c, q)
		q.everAnswered, q.declined, q.answers = false, true, 0
		q.firstAnswer, q.rcode, q.truncated, q.records, q.data, q.addrs = 0, 0, false, 0, 0, nil
		q.answerRef, q.errorRef, q.refusedAt = fact.Ref{}, ref, time
		if q.answered && !slices.ContainsFunc(c.queries, func(p *query) bool { return p.qtype == q.qtype && p.everAnswered }) {
			t.reopen(q)
		}
		l.lastAnswer, c.end = 0, 0
		for i := range l.cands {
			for _, p := range l.cands[i].queries {
				if !p.everAnswered {
					continue
				}
				l.lastAnswer = max(l.lastAnswer, p.answer)
				if &l.cands[i] == c {
					c.end = max(c.end, p.answer)
				}
			}
		}
		t.touch(l, time)
	}
}

// Backend tells where a client's packets to a server are translated to, once that is known: for the queries in
// progress that have none yet, and for those to come.
func (t *Tracker) Backend(client, server, backend netip.AddrPort) {
	f := t.flows[flowKey{client, server}]
	if f == nil {
		return
	}
	for q := f.queries; q != nil; q = q.nextFlow {
		if !q.backend.IsValid() {
			q.backend = backend
		}
	}
	f.backend = backend
}

// Tick ends lookups that are idle at the time now.
func (t *Tracker) Tick(now int64) {
	for _, s := range []struct {
		*list
		limit int64
	}{{&t.waiting, waitLimit}, {&t.settled, settledLimit}, {&t.forwards, waitLimit}} {
		for s.head != nil && now-s.head.active > s.limit {
			t.close(s.head, ended, now)
		}
	}
}

// Flush ends everything: the input ended at that time.
func (t *Tracker) Flush(end int64) {
	var rest []*lookup
	for _, s := range []*list{&t.waiting, &t.settled, &t.forwards} {
		for l := s.head; l != nil; l = l.next {
			rest = append(rest, l)
		}
	}
	slices.SortStableFunc(rest, func(a, b *lookup) int {
		switch {
		case a.start < b.start:
			return -1
		case a.start > b.start:
			return 1
		}
		return 0
	})
	for _, l := range rest {
		t.close(l, inputEnded, end)
	}
}
