package lookup

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/wire"
)

// All state is flat: values in slabs, which know each other by number, 0 being none. Chains are numbers in the values.

// query is one question put to one server, with its resends.
type query struct {
	// self is its own number; born tells it from others that have the same number one after another.
	self, born uint32
	// socket is the hash of its client, port, id and transport, question that of its name and type. It is found by the first,
	// or by both if it is crowded: if many have that socket and id.
	socket, question   uint64
	nextByID, prevByID uint32
	lookup, cand, next uint32
	// server and backend are endpoints.
	server, backend       uint32
	client                uint32
	port, id, qtype, edns uint16

	tcp, crowded, asked bool
	// answered: the last transmission was. rcode, truncated, data, records and addrs are the last answer's.
	answered, everAnswered, truncated bool
	refused, declined                 bool
	again                             fact.AgainKind
	rcode                             uint8
	data, records                     uint16
	// Chain of questions that an equal one of a DNS server may be sent for.
	nextAsked, prevAsked uint32

	// sent is 0 where only the answer was seen; last is the time of the latest transmission.
	sent, last          int64
	firstAnswer, answer int64
	queryRef, answerRef ref
	resends             uint32
	// answers counts the answers, further ones included; declined says that the client refused the first.
	answers uint32
	// addrs are the addresses of the answer, more what few queries have.
	addrs, more uint32
}

// more is what few queries have.
type more struct {
	// interval is the shortest time between two transmissions that no answer came between, 0 for none.
	interval  int64
	refusedAt int64
	// spelling is the hash of a name written in both cases, else 0.
	spelling            uint64
	resendRef, errorRef ref
	// above is the client's query that this one, a DNS server's own, was sent for; aboveBorn tells whether it still is that.
	above, aboveBorn uint32
	// waits is the lookup that waits for this query, nextUp the next one that it waits for. name is held then, and
	// addr the client's, when the query's own lookup has ended.
	waits, nextUp uint32
	name          name
	addr          wire.Addr
}

// address is what a record has. Unlike a host's, an IPv6 one may be :: or that of an IPv4 address.
type address struct {
	addr wire.Addr
	four bool
}

func (a address) netip() netip.Addr {
	if a.four {
		return a.addr.Netip()
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], a.addr.Hi)
	binary.BigEndian.PutUint64(b[8:], a.addr.Lo)
	return netip.AddrFrom16(b)
}

// addresses is a piece of a list.
type addresses struct {
	list [4]address
	n    uint32
	next uint32
}

// ref is a fact.Ref without what no capture has: more than 2^16 files, and 2^48 frames.
type ref uint64

func refOf(r fact.Ref) ref { return ref(uint64(r.Capture)<<48 | r.Frame&(1<<48-1)) }

func (r ref) fact() fact.Ref { return fact.Ref{Capture: int(r >> 48), Frame: uint64(r) & (1<<48 - 1)} }

// failed reports an answer that is an error of the server rather than a word about the name.
func (q *query) failed() bool {
	return q.everAnswered && q.rcode != rcodeNoError && q.rcode != rcodeNXDomain
}

// candidate is one name of a search, with its queries in order.
type candidate struct {
	// start is the time of the first query, end that of the latest answer, 0 for none.
	start, end  int64
	self, next  uint32
	name        name
	first, last uint32
	// open counts the queries that wait for an answer, data those that got records, n all.
	open, data, n int16
}

// lookup is one resolver call in progress.
type lookup struct {
	start, lastSend, lastAnswer int64
	// active orders the list the lookup is in: waiting for answers, or settled.
	active int64
	// label is the hash of its client and first label.
	label        uint64
	self, client uint32
	// first and last are its candidates.
	first, last uint32
	open        int32
	messages    int32
	// up are the queries of DNS servers on behalf of this lookup, bounded.
	up, lastUp uint32
	// Chains: of its list, of lookups with the same label, of those of its client.
	prev, next             uint32
	prevLabel, nextLabel   uint32
	prevClient, nextClient uint32
	// base is the length of the name that the candidates extend, 0 while there is only one.
	base  uint8
	cands uint8
	ups   uint8
	list  standing
	mixed bool
	// headless: an answer came to no known question.
	headless bool
	// forward: a DNS server's own query, never emitted.
	forward bool
	inLabel bool
}

// standing says which list a lookup is in.
type standing uint8

const (
	nowhere  standing = iota
	waiting           // questions are open
	settled           // none is
	forwards          // DNS servers' own
	standings
)

// list is lookups in order of their last activity.
type list struct {
	head, tail uint32
	n          int
}

func (t *Tracker) push(l *lookup, to standing) {
	s := &t.lists[to]
	l.list, l.prev, l.next = to, s.tail, 0
	if s.tail != 0 {
		t.lookups.At(s.tail).next = l.self
	} else {
		s.head = l.self
	}
	s.tail = l.self
	s.n++
}

func (t *Tracker) pull(l *lookup) {
	s := &t.lists[l.list]
	if l.prev != 0 {
		t.lookups.At(l.prev).next = l.next
	} else {
		s.head = l.next
	}
	if l.next != 0 {
		t.lookups.At(l.next).prev = l.prev
	} else {
		s.tail = l.prev
	}
	l.list, l.prev, l.next = nowhere, 0, 0
	s.n--
}

// The values of numbers; nil for none.

func (t *Tracker) query(id uint32) *query {
	if id == 0 {
		return nil
	}
	return t.queries.At(id)
}

func (t *Tracker) cand(id uint32) *candidate {
	if id == 0 {
		return nil
	}
	return t.cands.At(id)
}

func (t *Tracker) lookup(id uint32) *lookup {
	if id == 0 {
		return nil
	}
	return t.lookups.At(id)
}

// moreOf returns what few queries have, which this one has then.
func (t *Tracker) moreOf(q *query) *more {
	if q.more == 0 {
		q.more = t.mores.Add()
	}
	return t.mores.At(q.more)
}

// has returns the same to read, zero where the query has none.
func (t *Tracker) has(q *query) *more {
	if q.more == 0 {
		return &t.none
	}
	return t.mores.At(q.more)
}

// find returns the first message that asked for the type, nil if none did.
func (t *Tracker) find(c *candidate, qtype uint16) *query {
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		if q.qtype == qtype {
			return q
		}
	}
	return nil
}

// spelled notes where a resolver mixes cases (draft-vixie-dnsext-dns0x20): it does so anew for every message, while a
// program's own spelling stays.
func (t *Tracker) spelled(q *query) {
	own := t.has(q).spelling
	for p := t.query(t.cands.At(q.cand).first); p != nil; p = t.query(p.next) {
		if p != q && p.sent != 0 && t.has(p).spelling != own {
			t.lookups.At(q.lookup).mixed = true
		}
	}
}

// keep replaces the addresses of a query's answer.
func (t *Tracker) keep(q *query, addrs []address) {
	for id := q.addrs; id != 0; {
		next := t.addrs.At(id).next
		t.addrs.Remove(id)
		id = next
	}
	q.addrs = 0
	to := &q.addrs
	for len(addrs) > 0 {
		*to = t.addrs.Add()
		a := t.addrs.At(*to)
		a.n = uint32(copy(a.list[:], addrs))
		addrs, to = addrs[a.n:], &a.next
	}
}

// seed keeps a hostile capture from choosing what collides: the sender chooses names, ports and ids. Both halves are needed, as a
// capture could zero a product with a known half.
type seed [2]uint64

// fold is the finisher of a 128-bit multiplication, as in wyhash.
func fold(p, q uint64) uint64 {
	hi, lo := bits.Mul64(p, q)
	return hi ^ lo
}

// addr hashes an address, with something else.
func (x seed) addr(a wire.Addr, more uint64) uint64 {
	h := fold(a.Lo^x[0], more^x[1])
	if a.Hi != 0 {
		h = fold(h^a.Hi, x[0])
	}
	return fold(h^x[1], x[0])
}

// both hashes two hashes.
func (x seed) both(a, b uint64) uint64 { return fold(a^x[1], b^x[0]) }
