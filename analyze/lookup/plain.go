package lookup

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// Plain is a lookup that went as it should, see fact.Plain: thousands of them say no more than their number.
type Plain struct {
	// Way stands for Client, Server, Names and Expanded, Nameless for Client, Server and Expanded.
	Way, Nameless uint64
	Client        netip.Addr
	Server        netip.AddrPort
	// Expanded says that names of the search list were asked for in vain before.
	Expanded bool
	// Queries counts its questions, Wasted those for names that do not exist, WastedTime how long these took.
	Queries, Wasted int
	WastedTime      int64
	// Start is when it began, End when it was answered last.
	Start, End int64
	Answers    []PlainAnswer
	// Last says that it is one of the last that began, as far as is known: of those that the end of the input ends.
	Last bool

	t    *Tracker
	l    *lookup
	sum  *sum
	sign sign
	name []byte
}

// PlainAnswer is an answer to one of its questions.
type PlainAnswer struct {
	Backend netip.AddrPort
	Time    int64
	Capture int
}

// Fact returns the lookup whole.
func (p *Plain) Fact() *fact.Lookup { return p.t.fact(p.l, p.sum, p.sign, p.name) }

// Names returns the name that the program asked for, and the one that was answered, as fact.Lookup and fact.Candidate have them.
func (p *Plain) Names() (asked, answered string) {
	return string(appendText(nil, p.name)), string(appendText(nil, p.t.names.text(p.t.cands.At(p.l.last).name)))
}

// isPlain reports whether a lookup is plain.
func (t *Tracker) isPlain(l *lookup, s *sum) bool {
	if s.outcome != fact.LookupAnswered || l.headless || s.retries > 0 || s.unanswered > 0 || l.open > 0 {
		return false
	}
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		want := uint8(rcodeNXDomain)
		if c.self == l.last {
			want = rcodeNoError
		}
		for q := t.query(c.first); q != nil; q = t.query(q.next) {
			if !q.everAnswered || q.rcode != want || q.again != fact.FirstTime || q.resends > 0 || q.answers != 1 || q.sent == 0 ||
				q.tcp || q.truncated || q.refused || q.declined || q.server != s.server || q.duration() > fact.SoonAnswered {
				return false
			}
		}
	}
	for q := t.query(l.up); q != nil; q = t.query(t.has(q).nextUp) {
		if bad(q) {
			return false
		}
	}
	return true
}

// plainOf returns a lookup as a Plain.
func (t *Tracker) plainOf(l *lookup, s *sum, seen sign, name []byte) *Plain {
	p := &t.plain
	client, last := t.clients.At(l.client), t.cands.At(l.last)
	*p = Plain{
		Client: client.addr.Netip(), Server: t.endpoint(s.server), Queries: s.queries, Wasted: s.wasted, WastedTime: s.wastedTime,
		Start: l.start, End: l.lastAnswer, Answers: p.Answers[:0], Last: t.last, t: t, l: l, sum: s, sign: seen, name: name,
	}
	p.Expanded = s.wasted > 0 && len(t.names.text(t.cands.At(l.first).name)) > len(name)
	p.Nameless = t.seed.both(client.hash, t.endpoints.At(s.server).hash)
	if p.Expanded {
		p.Nameless++
	}
	p.Way = t.seed.both(p.Nameless, t.seed.both(t.names.hash(name), t.names.hashOf(last.name)))
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		for q := t.query(c.first); q != nil; q = t.query(q.next) {
			p.Answers = append(p.Answers, PlainAnswer{
				Backend: t.endpoint(q.backend), Time: q.firstAnswer, Capture: q.answerRef.fact().Capture,
			})
		}
	}
	return p
}
