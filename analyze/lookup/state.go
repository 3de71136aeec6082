package lookup

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// query is one question put to one server, with its resends.
type query struct {
	client, server, backend netip.AddrPort
	id, qtype               uint16
	tcp                     bool
	again                   fact.AgainKind
	edns                    uint16
	name                    string
	// spelling is the hash of a name written in both cases, else 0.
	spelling uint64
	lookup   *lookup

	// sent is 0 where only the answer was seen; last is the time of the latest transmission.
	sent, last int64
	resends    int
	// interval is the shortest time between two transmissions that no answer came between, 0 for none.
	interval int64

	// answered: the last transmission was. rcode, truncated, data, records and addrs are the last answer's.
	answered, everAnswered bool
	firstAnswer, answer    int64
	rcode                  uint8
	truncated              bool
	data, records          int
	addrs                  []netip.Addr
	refused                bool
	refusedAt              int64
	// answers counts the answers, further ones included; declined says that the client refused the first.
	answers  int
	declined bool

	queryRef, resendRef, answerRef, errorRef fact.Ref

	// Chains of the indexes it is in.
	nextByID             *query
	question             uint64
	prevAsked, nextAsked *query
	isAsked              bool
	prevFlow, nextFlow   *query
	flow                 *flow
	// above is the client's query that this one, a DNS server's own, was sent for.
	above *query
}

// failed reports an answer that is an error of the server rather than a word about the name.
func (q *query) failed() bool {
	return q.everAnswered && q.rcode != rcodeNoError && q.rcode != rcodeNXDomain
}

// candidate is one name of a search.
type candidate struct {
	name    string
	queries []*query
	// start is the time of the first query, end that of the latest answer, 0 for none.
	start, end int64
	// open counts the queries that wait for an answer, data those that got records.
	open, data int
}

// find returns the first message that asked for the type, nil if none did.
func (c *candidate) find(qtype uint16) *query {
	for _, q := range c.queries {
		if q.qtype == qtype {
			return q
		}
	}
	return nil
}

// spelled notes where a resolver mixes cases (draft-vixie-dnsext-dns0x20): it does so anew for every message, while a
// program's own spelling stays.
func (q *query) spelled(c *candidate) {
	for _, p := range c.queries {
		if p != q && p.spelling != q.spelling && p.sent != 0 {
			q.lookup.mixed = true
		}
	}
}

// lookup is one resolver call in progress.
type lookup struct {
	client *client
	cands  []candidate
	// base is the name that the candidates extend, "" while there is only one.
	base       string
	start      int64
	lastSend   int64
	lastAnswer int64
	open       int
	messages   int
	mixed      bool
	headless   bool
	// forward: a DNS server's own query, never emitted.
	forward bool
	// up holds the queries of DNS servers on behalf of this lookup, bounded.
	up []*query

	// active orders the list the lookup is in: waiting for answers, or settled.
	active     int64
	list       *list
	prev, next *lookup
	// Chain of lookups with the same client and first label.
	label                labelKey
	prevLabel, nextLabel *lookup
	inLabel              bool
	// Chain of the client's lookups.
	prevClient, nextClient *lookup
}

func (l *lookup) current() *candidate { return &l.cands[len(l.cands)-1] }

// list is lookups in order of their last activity.
type list struct {
	head, tail *lookup
	n          int
}

func (s *list) push(l *lookup) {
	l.list, l.prev, l.next = s, s.tail, nil
	if s.tail != nil {
		s.tail.next = l
	} else {
		s.head = l
	}
	s.tail = l
	s.n++
}

func (s *list) remove(l *lookup) {
	if l.prev != nil {
		l.prev.next = l.next
	} else {
		s.head = l.next
	}
	if l.next != nil {
		l.next.prev = l.prev
	} else {
		s.tail = l.prev
	}
	l.list, l.prev, l.next = nil, nil, nil
	s.n--
}

// flow is a socket's traffic with a server, with its translation.
type flow struct {
	backend netip.AddrPort
	queries *query
}
