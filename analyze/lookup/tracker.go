package lookup

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/index"
	"github.com/netsift/netsift/analyze/slab"
	"github.com/netsift/netsift/decode/wire"
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

// Budgets. A query takes some 250 bytes with its indexes, a lookup with eight 2.5 KB. What is in progress takes 25 MB where all is well, and
// at most 150.
const (
	// maxOpen lookups are kept at once; beyond, the one that has been idle longest is given up.
	maxOpen = 1 << 15
	// maxSettled of them are answered and only wait for stragglers; beyond, the oldest is emitted early.
	maxSettled = 1 << 13
	// maxQueries are kept of all, and maxPieces of lists of addresses: two for each lookup, with eight addresses. Lookups with more make the
	// number of lookups smaller.
	maxQueries, maxPieces = 1 << 18, 1 << 16
	// maxHeld names are held; beyond, no more search lists are learned, and clients are forgotten sooner.
	maxHeld = 1 << 18
	// A lookup has at most so many candidates, messages each, and upstream questions.
	maxCandidates = 32
	maxMessages   = 64
	maxUpstream   = 32
	// scanned bounds how many lookups, or questions, of a chain are looked at: the newest.
	scanned = 48
	// crowd is how many queries with one socket and id are found by that alone. Sockets with more are no resolver's.
	crowd = 16
	// lastLookups are the last ones, where others are no more than counted.
	lastLookups = 512
	// late remembers closed questions so that late or repeated answers are recognized.
	maxLate = 1 << 14
)

// Sinks are where lookups go when they end. Those that are nil are not asked.
type Sinks struct {
	// Lookup takes a lookup, to keep.
	Lookup func(*fact.Lookup)
	// Plain is asked first whether a plain lookup may be counted only: if it returns true, Lookup does not get it. The value is valid during
	// the call.
	Plain func(*Plain) bool
	// Query takes each query that was seen, of lookups that end: when it was sent, and how long its answer took, -1 without one.
	Query func(sent, duration int64)
	// Service takes the address of each Service whose name was answered with one address alone.
	Service func(netip.Addr)
}

// Tracker groups DNS messages into lookups. It is not safe for concurrent use.
type Tracker struct {
	sinks Sinks
	seed  seed
	// r is the message at hand, read, and at what else is known of it.
	r  reading
	at hand
	// outages are times of which there are no messages.
	outages fact.Outages

	// byID finds queries, byLabel lookups, each the latest of its chain.
	byID, byLabel index.Index
	// crowded counts the queries that are found by their question, too.
	crowded int
	// byAddr finds clients, byEndpoint endpoints.
	byAddr, byEndpoint index.Index
	asks               asks

	queries   slab.Slab[query]
	mores     slab.Slab[more]
	addrs     slab.Slab[addresses]
	cands     slab.Slab[candidate]
	lookups   slab.Slab[lookup]
	clients   slab.Slab[client]
	searches  slab.Slab[searchList]
	hints     slab.Slab[hints]
	endpoints slab.Slab[endpoint]
	names     names

	lists [standings]list
	idle  list
	// servers are the addresses that answer DNS queries.
	servers map[wire.Addr]struct{}
	late    lateSet
	stats   serverStats
	totals  totals
	// born numbers queries.
	born uint32
	none more
	// sum and plain are those of the lookup that ends, last says that hardly any comes after.
	sum   sum
	plain Plain
	last  bool

	limits limits
}

// hand is what is known of the message at hand.
type hand struct {
	client, server, backend Socket
	// name is the hash of the name asked for, question that of name and type, socket that of the client's address, port, id and transport.
	name, question, socket uint64
}

// limits are the budgets, smaller in tests.
type limits struct{ open, settled, clients, queries, pieces, names int }

// New returns a Tracker that hands each lookup on when it ends.
func New(sinks Sinks) *Tracker {
	random := func() uint64 { return maphash.Bytes(maphash.MakeSeed(), nil) }
	t := &Tracker{
		sinks:   sinks,
		seed:    seed{random(), random()},
		servers: make(map[wire.Addr]struct{}),
		limits:  limits{maxOpen, maxSettled, maxClients, maxQueries, maxPieces, maxHeld},
	}
	// Limits are kept to when a message has been taken, which adds one of each, and the lookup at hand is not given up.
	const more = maxCandidates*maxMessages + 2
	t.queries.Bound(maxQueries + more)
	t.mores.Bound(maxQueries + more)
	t.cands.Bound(maxQueries + more)
	t.lookups.Bound(maxOpen + more)
	t.clients.Bound(maxOpen + maxClients + more)
	t.searches.Bound(maxOpen + maxClients + more)
	t.hints.Bound(maxOpen + maxClients + more)
	t.endpoints.Bound(2*maxQueries + maxServers + more)
	t.addrs.Bound(maxPieces + more*maxAddresses)
	t.names.bound(maxQueries + maxHeld + more)
	t.names.seed = maphash.MakeSeed()
	t.totals.init()
	return t
}

// Release gives the memory of what is in progress back. The Tracker is not to be used any more.
func (t *Tracker) Release() {
	t.queries.Release()
	t.mores.Release()
	t.addrs.Release()
	t.cands.Release()
	t.lookups.Release()
	t.clients.Release()
	t.searches.Release()
	t.hints.Release()
	t.endpoints.Release()
	t.names.release()
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
	t.at = hand{client: m.Client, server: m.Server, backend: m.Backend}
	t.at.socket = t.socketHash(t.at.client, t.r.id, m.TCP)
	if t.r.whole {
		t.at.name = t.names.hash(t.r.name)
		t.at.question = questionHash(t.at.name, t.r.qtype)
	}
	if m.Response {
		t.response(m)
		return
	}
	t.ask(m)
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

func (t *Tracker) socketHash(client Socket, id uint16, tcp bool) uint64 {
	rest := uint64(client.Port)<<16 | uint64(id)
	if tcp {
		rest |= 1 << 32
	}
	return t.seed.addr(client.Addr, 2<<33|rest)
}

func questionHash(name uint64, qtype uint16) uint64 { return name + uint64(qtype)*0x9e3779b97f4a7c15 }

// ask takes a query.
func (t *Tracker) ask(m *Message) {
	if q := t.match(true); q != nil && m.Time-t.lookups.At(q.lookup).active <= waitLimit {
		t.resend(q, m)
		return
	}
	q := t.newQuery(m)
	q.sent, q.last, q.queryRef = m.Time, m.Time, refOf(m.Ref)
	t.place(q, m.Time)
	t.asked(q)
	t.lookups.At(q.lookup).messages++
	t.spelled(q)
}

// newQuery returns the question at hand, which is in no index yet.
func (t *Tracker) newQuery(m *Message) *query {
	t.born++
	id := t.queries.Add()
	q := t.queries.At(id)
	q.self, q.born = id, t.born
	q.port, q.server, q.backend = t.at.client.Port, t.hold(t.at.server), t.hold(t.at.backend)
	q.id, q.qtype, q.tcp, q.edns = t.r.id, t.r.qtype, m.TCP, t.r.edns
	q.socket, q.question = t.at.socket, t.at.question
	if t.r.spelling != nil {
		t.moreOf(q).spelling = t.names.hash(t.r.spelling)
	}
	return q
}

// crowdHash finds those that have a question besides a socket and id, where there are many of these.
func (t *Tracker) crowdHash(socket, question uint64) uint64 { return t.seed.both(socket, question) }

// match returns the query that the message at hand repeats or answers.
func (t *Tracker) match(sameServer bool) *query {
	r := &t.r
	server, backend := t.known(t.at.server), t.known(t.at.backend)
	if server == 0 && backend == 0 {
		return nil // nobody was asked there
	}
	var other *query
	n := 0
	look := func(id uint32) *query {
		for ; id != 0 && n < scanned; n++ {
			q := t.queries.At(id)
			id = q.nextByID
			if r.whole && q.question != t.at.question {
				continue
			}
			if q.server == server && server != 0 {
				return q
			}
			// A response that was only seen untranslated on its way has the backend for its server.
			if !sameServer && r.whole && (other == nil || !q.answered && other.answered) &&
				(server != 0 && q.backend == server || backend != 0 && q.backend == backend) {
				other = q
			}
		}
		return nil
	}
	if q := look(t.byID.Find(t.at.socket)); q != nil {
		return q
	}
	if r.whole && t.crowded > 0 {
		if q := look(t.byID.Find(t.crowdHash(t.at.socket, t.at.question))); q != nil {
			return q
		}
	}
	return other
}

// resend takes a query that was seen before, or another sighting of it.
func (t *Tracker) resend(q *query, m *Message) {
	l := t.lookups.At(q.lookup)
	if q.sent == 0 {
		// The answer overtook it: files are merged in corrected time, which has its error.
		q.sent, q.last, q.queryRef = m.Time, m.Time, refOf(m.Ref)
		l.messages++
		l.start = min(l.start, m.Time)
		return
	}
	afterAnswer := q.answered && m.Time >= q.answer
	if !m.Resend && !afterAnswer && m.Time-q.last < resendMin {
		return
	}
	t.statsOf(q.server).retries++
	x := t.moreOf(q)
	if q.resends++; q.resends == 1 {
		x.resendRef = refOf(m.Ref)
	}
	if d := m.Time - q.last; !q.everAnswered && (x.interval == 0 || d < x.interval) {
		x.interval = d
	}
	q.last = max(q.last, m.Time)
	l.lastSend = max(l.lastSend, m.Time)
	l.messages++
	if !m.Backend.Addr.IsZero() {
		t.translated(q)
	}
	if q.answered && (q.failed() || q.refused) {
		t.reopen(q)
	}
	t.touch(l, m.Time)
}

// translated notes where the message at hand says that a query was translated to.
func (t *Tracker) translated(q *query) {
	b := t.hold(t.at.backend)
	t.letGo(q.backend)
	q.backend = b
}

// reopen makes a question wait for an answer again.
func (t *Tracker) reopen(q *query) {
	q.answered = false
	t.cands.At(q.cand).open++
	t.lookups.At(q.lookup).open++
	t.await(q)
}

func (t *Tracker) response(m *Message) {
	r := &t.r
	// The address of a NodePort is a node's, which asks for itself, too.
	if !m.Backend.Addr.IsZero() {
		t.serves(t.at.backend)
	} else {
		t.serves(t.at.server)
	}
	q := t.match(false)
	if q == nil {
		if !r.whole || t.late.has(t.socketHash(t.at.client, r.id, false)^t.at.question) {
			t.totals.stray++
			return
		}
		q = t.newQuery(m)
		t.place(q, m.Time)
		t.asked(q)
		t.lookups.At(q.lookup).headless = true
	}
	if !m.Backend.Addr.IsZero() && q.backend == 0 {
		t.translated(q)
	}
	l := t.lookups.At(q.lookup)
	q.answers++
	if q.everAnswered && q.answered && !q.refused {
		// Again, by another way or to a resend that crossed the answer.
		if m.Time > q.last && q.last > q.answer {
			l.lastAnswer = max(l.lastAnswer, m.Time)
		}
		return
	}
	c := t.cands.At(q.cand)
	awaited := !q.answered || q.refused
	if !q.answered {
		t.settle(q, c, l)
	}
	if !q.everAnswered {
		q.firstAnswer, q.answerRef, q.rcode = m.Time, refOf(m.Ref), r.rcode
		t.answered(q)
	}
	q.everAnswered, q.refused, q.answer = true, false, m.Time
	q.rcode, q.truncated, q.records, q.data = r.rcode, r.truncated, uint16(r.answers), uint16(r.data)
	t.keep(q, r.addrs)
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
		for p := t.query(c.first); p != nil; p = t.query(p.next) {
			if p.qtype == q.qtype && !p.answered {
				t.settle(p, c, l)
				p.answer = m.Time
			}
		}
	}
	if l.open == 0 && c.data > 0 && t.both(c) && !t.truncated(c) {
		// It has all it asked for. Later messages are matched by id.
		t.unchain(l)
	}
	t.touch(l, m.Time)
	if t.addrs.Len() > t.limits.pieces {
		t.fit(l, m.Time)
	}
}

// settle takes a question off those that wait for an answer.
func (t *Tracker) settle(q *query, c *candidate, l *lookup) {
	q.answered = true
	c.open--
	l.open--
	t.unawait(q)
}

// quoted calls take with the queries of a client that an ICMP error may be about, which quotes so much of a message: its id, or
// its question, too.
func (t *Tracker) quoted(client, server Socket, quote []byte, take func(*query)) {
	if len(quote) < 2 {
		return
	}
	asked := t.known(server)
	if asked == 0 {
		return
	}
	id := binary.BigEndian.Uint16(quote)
	socket, question := t.socketHash(client, id, false), uint64(0)
	if len(quote) > wireHeader && t.r.read(quote, quote[2]&0x80 != 0) && t.r.whole {
		question = questionHash(t.names.hash(t.r.name), t.r.qtype)
	}
	chains := [2]uint32{t.byID.Find(socket)}
	if question != 0 && t.crowded > 0 {
		chains[1] = t.byID.Find(t.crowdHash(socket, question))
	}
	for _, at := range chains {
		for n := 0; at != 0 && n < scanned; n++ {
			q := t.queries.At(at)
			at = q.nextByID
			if (question == 0 || q.question == question) && (q.server == asked || q.backend == asked) {
				take(q)
			}
		}
	}
}

// Unreachable records that an ICMP error quoted a client's query, as much as quote has of it.
func (t *Tracker) Unreachable(client, server Socket, quote []byte, time int64, ref fact.Ref) {
	t.quoted(client, server, quote, func(q *query) {
		if q.refused {
			return
		}
		q.refused = true
		x := t.moreOf(q)
		x.errorRef, x.refusedAt = refOf(ref), time
		l := t.lookups.At(q.lookup)
		if !q.answered {
			c := t.cands.At(q.cand)
			t.settle(q, c, l)
			q.answer = time
			c.end = max(c.end, time)
		}
		t.touch(l, time)
	})
}

// declineGap is how long a client takes at most to refuse an answer.
const declineGap = 100 * millisecond

// Declined tells that the client refused an answer, by an ICMP error that quotes so much of it. If it is foreign, it came from an address
// that the client had not asked; else to a socket that was closed: by a program that had given up, or had enough, as glibc has when the
// other answer was truncated. Of a program that gave up, and of a foreign answer, there was none. A second answer, to a resend, finds the
// socket closed where the first was taken.
func (t *Tracker) Declined(client, server Socket, quote []byte, foreign bool, time int64, ref fact.Ref) {
	t.quoted(client, server, quote, func(q *query) {
		if !q.everAnswered || q.answers > 1 || time-q.answer > declineGap || !foreign && q.answer-q.last < giveUp {
			return
		}
		l, c := t.lookups.At(q.lookup), t.cands.At(q.cand)
		if q.rcode == rcodeNoError && (q.data > 0 || q.truncated) {
			c.data--
		}
		t.declined(q)
		q.everAnswered, q.declined, q.answers = false, true, 0
		q.firstAnswer, q.rcode, q.truncated, q.records, q.data, q.answerRef = 0, 0, false, 0, 0, 0
		t.keep(q, nil)
		x := t.moreOf(q)
		x.errorRef, x.refusedAt = refOf(ref), time
		if q.answered && !t.heardOf(c, q.qtype) {
			t.reopen(q)
		}
		l.lastAnswer, c.end = 0, 0
		for o := t.cand(l.first); o != nil; o = t.cand(o.next) {
			for p := t.query(o.first); p != nil; p = t.query(p.next) {
				if !p.everAnswered {
					continue
				}
				l.lastAnswer = max(l.lastAnswer, p.answer)
				if o == c {
					c.end = max(c.end, p.answer)
				}
			}
		}
		t.touch(l, time)
	})
}

// heardOf reports whether a message that asked for the type has an answer.
func (t *Tracker) heardOf(c *candidate, qtype uint16) bool {
	for p := t.query(c.first); p != nil; p = t.query(p.next) {
		if p.qtype == qtype && p.everAnswered {
			return true
		}
	}
	return false
}

// Tick ends lookups that are idle at the time now.
func (t *Tracker) Tick(now int64) {
	for _, s := range [...]struct {
		list  standing
		limit int64
	}{{waiting, waitLimit}, {settled, settledLimit}, {forwards, waitLimit}} {
		for {
			l := t.lookup(t.lists[s.list].head)
			if l == nil || now-l.active <= s.limit {
				break
			}
			t.close(l, ended, now)
		}
	}
}

// Flush ends everything: the input ended at that time.
func (t *Tracker) Flush(end int64) {
	var rest []*lookup
	for s := waiting; s < standings; s++ {
		for l := t.lookup(t.lists[s].head); l != nil; l = t.lookup(l.next) {
			rest = append(rest, l)
		}
	}
	slices.SortStableFunc(rest, func(a, b *lookup) int { return cmp.Compare(a.start, b.start) })
	for i, l := range rest {
		t.last = i >= len(rest)-lastLookups
		t.close(l, inputEnded, end)
	}
}
