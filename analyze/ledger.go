package analyze

import (
	"cmp"
	"hash/maphash"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/lookup"
)

const (
	// maxReach bounds the distinct ways of reaching that are kept, maxFine those of them on which nothing is wrong, maxLookups the lookups, however
	// much memory there is: rules look at all of them. Beyond, healthy ones make room for others, the oldest first: a stream goes on for
	// days, and the fault comes on the last of them.
	maxReach, maxFine, maxLookups = 1 << 14, 1 << 13, 1 << 14
	// examples is how many connections are kept whole of each: the first ones, and in the end the last two. Once there are
	// manyExamples in all, fineExamples is how many where all is well: the last. Once half of the memory is taken, fewExamples is how many
	// where it is not: the first and the last.
	examples, manyExamples, fineExamples, fewExamples = 8, 1 << 10, 1, 2
)

// latest is how much older than the latest connection the last example of a way on which nothing is wrong may be, in nanoseconds, once there are
// many examples.
const latest = 1e9

// ledger folds connections that went the same way into one fact.Reach.
type ledger struct {
	// byWay has the ways by a hash of 64 bits, whose seed nobody knows: it stands for the way.
	byWay map[uint64]*fact.Reach
	seed  maphash.Seed
	// lines has them in the order in which they may be given up (room.go), from when there is no more room.
	lines    [2]queue
	full     bool
	lookups  []fact.Lookup
	nlookups uint64
	// failed and late count connections and lookups, also those that are not kept.
	failed, late uint64
	// fineLookups are the indexes of those that went well, the oldest first; turn counts those that went elsewhere for want of one.
	fineLookups []int32
	turn        int
	plains      plains
	// maxReach and maxLookups are the bounds of their numbers, maxBytes and maxLookupBytes those of their memory; bytes and lookupBytes are what they
	// take.
	maxReach, maxFine, maxLookups, maxBytes, maxLookupBytes int
	bytes, lookupBytes                                      int
	// spares are examples of ways that were given up, whose memory is used again if nobody else has it.
	spares []fact.Connection
	owned  bool
	// kept counts the examples of all, fine the ways on which nothing is wrong.
	kept, fine int
	// evictedWays counts the ways that were given up or found no room, evictedLookups the lookups on which something was wrong.
	evictedWays, evictedLookups uint64
	// evictedFaults counts those of the ways on which something was wrong.
	evictedFaults uint64
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

// newLedger returns an empty ledger that takes its share of the memory, in bytes.
func newLedger(memory int64) *ledger {
	memory = memoryOr(memory)
	return &ledger{
		byWay: map[uint64]*fact.Reach{}, seed: maphash.MakeSeed(), plains: newPlains(), maxReach: maxReach, maxFine: maxFine, maxLookups: maxLookups,
		maxBytes: int(memory / reachShare), maxLookupBytes: int(memory / lookupShare),
	}
}

// add enters a connection. id, where it is not nil, makes the ID that only an example needs, of the frame it was first seen in. If c becomes an
// example, *c becomes another one that was given up, or zero, so that its memory can be reused. It returns the connection's way, nil where there is no room for it.
func (l *ledger) add(c *fact.Connection, first fact.Ref, id func(fact.Ref) string) *fact.Reach {
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
	h := maphash.Comparable(l.seed, k)
	r := l.byWay[h]
	if r == nil {
		x := fact.Reach{
			Client: k.client, Called: k.called, Destination: k.destination, Former: k.former, Proto: k.proto, Outcome: k.outcome, Phase: k.phase,
			Signs: k.signs, First: c.Start,
		}
		if !l.makeRoom(x.Fine(), x.First, wayBytes+connectionBytes(c)) {
			l.evict(&x)
			return nil
		}
		r = new(fact.Reach)
		*r = x
		l.enter(h, r)
	}
	r.Count++
	if c.Chosen {
		r.Chosen++
	}
	r.First, r.LastStart, r.Last = min(r.First, c.Start), max(r.LastStart, c.Start), max(r.Last, c.End)
	lost, sent := c.Losses()
	r.Lost, r.Packets = r.Lost+lost, r.Packets+sent
	r.MSS = max(r.MSS, c.AgreedMSS())
	for d := range c.Flow {
		r.OwnMSS[d] = max(r.OwnMSS[d], c.OwnMSS(fact.Direction(d)))
		r.Acked = max(r.Acked, c.Flow[d].MaxAcked)
	}
	most, last := l.examples(r)
	if n := len(r.Examples); n == most && l.kept >= manyExamples && r.Fine() && c.Start-r.Examples[n-1].Start < latest {
		return r
	}
	if id != nil {
		c.ID = id(first)
	}
	l.bytes += connectionBytes(c)
	if len(r.Examples) < most {
		r.Examples = append(r.Examples, *c)
		*c = l.spare()
		l.kept++
		return r
	}
	gone := r.Examples[most-last]
	l.bytes -= connectionBytes(&gone)
	copy(r.Examples[most-last:], r.Examples[most-last+1:])
	r.Examples[most-1], *c = *c, gone
	return r
}

// wentWell reports whether nothing is wrong with a lookup but perhaps its cost.
func wentWell(x *fact.Lookup) bool {
	return x.Outcome == fact.LookupAnswered && x.Unanswered == 0 && x.Retries == 0
}

// addPlain counts a plain lookup among those of one way, which it returns, unless it is to be kept whole.
func (l *ledger) addPlain(x *lookup.Plain) *fact.Plain {
	if l.plains.wants(x) {
		return nil
	}
	w := l.plains.add(x)
	if w != nil {
		l.nlookups++
	}
	return w
}

func (l *ledger) addLookup(x *fact.Lookup) {
	l.nlookups++
	if x.Late() {
		l.late++
	}
	had := len(l.lookups)
	at := had
	switch {
	case at < l.maxLookups && l.lookupBytes < l.maxLookupBytes:
		l.lookups = append(l.lookups, fact.Lookup{})
	case len(l.fineLookups) > 0:
		at = int(l.fineLookups[0])
		l.fineLookups = l.fineLookups[1:]
	case wentWell(x):
		return // a healthy lookup makes no room for itself
	default:
		at = l.turn % at
		l.turn++
		l.evictedLookups++
	}
	l.lookupBytes += lookupBytes(x)
	if at < had {
		l.lookupBytes -= lookupBytes(&l.lookups[at])
	}
	l.lookups[at] = *x
	if wentWell(x) {
		l.fineLookups = append(l.fineLookups, int32(at))
	}
}

// clone returns a copy for what is still open to be added to, for which it has as much room again. It shares the memory of examples and
// lookups with l, which never writes to it.
func (l *ledger) clone() *ledger {
	c := &ledger{
		byWay: make(map[uint64]*fact.Reach, len(l.byWay)), seed: l.seed, lookups: slices.Clone(l.lookups), nlookups: l.nlookups,
		failed: l.failed, late: l.late, kept: l.kept, bytes: l.bytes, lookupBytes: l.lookupBytes, plains: l.plains.clone(),
		maxReach: 2 * l.maxReach, maxFine: 2 * l.maxFine, fine: l.fine, maxLookups: 2 * l.maxLookups, maxBytes: 2 * l.maxBytes, maxLookupBytes: 2 * l.maxLookupBytes,
	}
	ways, kept := make([]fact.Reach, 0, len(l.byWay)), make([]fact.Connection, 0, l.kept)
	for k, r := range l.byWay {
		at := len(kept)
		kept = append(kept, r.Examples...)
		ways = append(ways, *r)
		own := &ways[len(ways)-1]
		own.Examples = kept[at:len(kept):len(kept)]
		c.byWay[k] = own
	}
	return c
}

// reach returns what was folded, in the order of the first connection.
func (l *ledger) reach() []fact.Reach {
	list := make([]fact.Reach, 0, len(l.byWay))
	for _, r := range l.byWay {
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b fact.Reach) int { return older(&a, &b) })
	return list
}

// older orders ways by their first connection.
func older(a, b *fact.Reach) int {
	return cmp.Or(cmp.Compare(a.First, b.First), strings.Compare(a.Examples[0].ID, b.Examples[0].ID))
}
