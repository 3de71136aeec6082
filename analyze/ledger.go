package analyze

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/lookup"
)

const (
	// maxReach bounds the distinct ways of reaching that are kept, maxLookups the lookups. Beyond, healthy ones make room for others, the
	// oldest first: a stream goes on for days, and the fault comes on the last of them.
	maxReach, maxLookups = 1 << 14, 1 << 14
	// examples is how many connections are kept whole of each: the first ones, and in the end the last two. Once there are
	// manyExamples in all, fineExamples is how many where all is well: the last.
	examples, manyExamples, fineExamples = 8, 1 << 10, 1
)

// ledger folds connections that went the same way into one fact.Reach.
type ledger struct {
	byWay map[way]*fact.Reach
	// fineWays lists those on which nothing is wrong, the oldest first, from when there is no more room: hardly any come
	// then.
	fineWays []way
	full     bool
	// below has the entries of the ledger below this one. They are only read.
	below    map[way]*fact.Reach
	lookups  []fact.Lookup
	nlookups uint64
	// failed and late count connections and lookups, also those that are not kept.
	failed, late uint64
	// fineLookups are the indexes of those that went well, the oldest first; turn counts those that went elsewhere for want of one.
	fineLookups []int32
	turn        int
	plains      plains
	// maxReach and maxLookups are the bounds; those above another ledger are higher by what is open.
	maxReach, maxLookups int
	// kept counts the examples of all.
	kept int
}

// way is the key by which connections are folded: they are alike as far as a rule could tell. It holds nothing that is learned later, so
// that names do not split it.
type way struct {
	client              netip.Addr
	called, destination netip.AddrPort
	former              netip.AddrPort
	proto               fact.Proto
	outcome             fact.Outcome
	phase               fact.Phase
	signs               fact.Signs
}

func newLedger() *ledger {
	return &ledger{byWay: map[way]*fact.Reach{}, plains: newPlains(), maxReach: maxReach, maxLookups: maxLookups}
}

// add enters a connection. If c displaces an example, *c becomes the displaced one, so that its memory can be reused.
func (l *ledger) add(c *fact.Connection) {
	switch {
	case c.Failed():
		l.failed++
	case c.Late():
		l.late++
	}
	k := way{
		client: c.Client.Addr(), called: c.Called, destination: c.Destination, proto: c.Proto,
		outcome: c.Outcome, phase: c.Phase, signs: fact.SignsOf(c),
	}
	if c.Former != nil {
		k.former = c.Former.To
	}
	r := l.byWay[k]
	if r == nil {
		r = &fact.Reach{
			Client: k.client, Called: k.called, Destination: k.destination, Former: k.former, Proto: k.proto, Outcome: k.outcome, Phase: k.phase,
			Signs: k.signs, First: c.Start,
		}
		if len(l.byWay)+len(l.below) >= l.maxReach && l.below[k] == nil && !l.makeRoom(r) {
			return
		}
		if below := l.below[k]; below != nil {
			*r = *below
			r.Examples = slices.Clone(r.Examples)
		}
		l.byWay[k] = r
	}
	r.Count++
	r.First, r.LastStart, r.Last = min(r.First, c.Start), max(r.LastStart, c.Start), max(r.Last, c.End)
	lost, sent := c.Losses()
	r.Lost, r.Packets = r.Lost+lost, r.Packets+sent
	r.MSS = max(r.MSS, c.AgreedMSS())
	for d := range c.Flow {
		r.OwnMSS[d] = max(r.OwnMSS[d], c.OwnMSS(fact.Direction(d)))
		r.Acked = max(r.Acked, c.Flow[d].MaxAcked)
	}
	most, last := examples, 2
	if l.kept >= manyExamples && len(r.Examples) <= fineExamples && r.Fine() {
		most, last = fineExamples, 1
	}
	if len(r.Examples) < most {
		r.Examples = append(r.Examples, *c)
		*c = fact.Connection{}
		l.kept++
		return
	}
	gone := r.Examples[most-last]
	copy(r.Examples[most-last:], r.Examples[most-last+1:])
	r.Examples[most-1], *c = *c, gone
}

// makeRoom forgets a way on which nothing is wrong for one on which something is, and reports whether there was one.
func (l *ledger) makeRoom(r *fact.Reach) bool {
	if r.Fine() {
		return false
	}
	if !l.full {
		l.full = true
		for k, r := range l.byWay {
			if r.Fine() {
				l.fineWays = append(l.fineWays, k)
			}
		}
		slices.SortFunc(l.fineWays, func(a, b way) int { return older(l.byWay[a], l.byWay[b]) })
	}
	if len(l.fineWays) == 0 {
		return false
	}
	old := l.fineWays[0]
	l.fineWays = l.fineWays[1:]
	l.kept -= len(l.byWay[old].Examples)
	delete(l.byWay, old)
	return true
}

// wentWell reports whether nothing is wrong with a lookup but perhaps its cost.
func wentWell(x *fact.Lookup) bool {
	return x.Outcome == fact.LookupAnswered && x.Unanswered == 0 && x.Retries == 0
}

// addPlain counts a plain lookup, unless it is to be kept whole.
func (l *ledger) addPlain(x *lookup.Plain) bool {
	if l.plains.wants(x) || !l.plains.add(x) {
		return false
	}
	l.nlookups++
	return true
}

func (l *ledger) addLookup(x *fact.Lookup) {
	l.nlookups++
	if x.Late() {
		l.late++
	}
	at := len(l.lookups)
	switch {
	case at < l.maxLookups:
		l.lookups = append(l.lookups, fact.Lookup{})
	case len(l.fineLookups) > 0:
		at = int(l.fineLookups[0])
		l.fineLookups = l.fineLookups[1:]
	case wentWell(x):
		return // a healthy lookup makes no room for itself
	default:
		at = l.turn % at
		l.turn++
	}
	l.lookups[at] = *x
	if wentWell(x) {
		l.fineLookups = append(l.fineLookups, int32(at))
	}
}

// reach returns what was folded, in the order of the first connection.
func (l *ledger) reach() []fact.Reach {
	list := make([]fact.Reach, 0, len(l.byWay)+len(l.below))
	for _, r := range l.byWay {
		list = append(list, *r)
	}
	for k, r := range l.below {
		if l.byWay[k] == nil {
			list = append(list, *r)
		}
	}
	slices.SortFunc(list, func(a, b fact.Reach) int { return older(&a, &b) })
	return list
}

// older orders ways by their first connection.
func older(a, b *fact.Reach) int {
	return cmp.Or(cmp.Compare(a.First, b.First), strings.Compare(a.Examples[0].ID, b.Examples[0].ID))
}
