package analyze

import (
	"hash/maphash"
	"math"
	"unsafe"

	"github.com/netsift/netsift/analyze/fact"
)

// What is concluded has its shares of the memory that Config.MaxMemory allows, beside that of live connections (budget): the collected heap must
// hold the copies for a live analysis' rules as well, and what the collector has not got to yet.
const (
	// reachShare and lookupShare are one part in so many, for the ways and lookups that rules see. openShare is the memory, in bytes, that allows
	// for one open connection in a moment's facts, and clusterShare for one entry in a table of what the cluster is.
	reachShare, lookupShare = 12, 24
	openShare, clusterShare = 128 << 10, 8 << 10
)

// The bounds of entries however much memory there is: what rules do with them takes time, too.
const maxOpen, maxCluster = 1 << 12, 1 << 16

// clusterRoom returns how many entries half a table of the cluster has (cluster.New).
func clusterRoom(memory int64) int { return int(min(memoryOr(memory)/clusterShare, maxCluster)) }

// openRoom returns how many open connections that are well the facts of a moment have at most, and how many others.
func openRoom(memory int64) int { return int(min(memoryOr(memory)/openShare, maxOpen)) }

// memoryOr returns the memory, DefaultMemory for none.
func memoryOr(memory int64) int64 {
	if memory == 0 {
		return DefaultMemory
	}
	return memory
}

// wayBytes is about what a way takes without its examples.
const wayBytes = int(unsafe.Sizeof(fact.Reach{})) + 64

// connectionBytes returns about what an example takes.
func connectionBytes(c *fact.Connection) int {
	n := int(unsafe.Sizeof(*c)) + len(c.ID) + len(c.Legs)*int(unsafe.Sizeof(fact.Leg{})) + len(c.Marks)*int(unsafe.Sizeof(fact.Mark{})) +
		len(c.Errors)*int(unsafe.Sizeof(fact.ICMPError{}))
	for i := range c.Legs {
		n += len(c.Legs[i].Views) * int(unsafe.Sizeof(fact.View{}))
	}
	return n
}

// lookupBytes returns about what a lookup takes. Its lists were appended to, and most have room to spare.
func lookupBytes(l *fact.Lookup) int {
	n := int(unsafe.Sizeof(*l)) + len(l.Name) + 32*cap(l.Search) + 24*cap(l.Answer) + cap(l.Marks)*int(unsafe.Sizeof(fact.Mark{})) +
		cap(l.Candidates)*int(unsafe.Sizeof(fact.Candidate{}))
	for i := range l.Candidates {
		c := &l.Candidates[i]
		n += len(c.QName) + 16*cap(c.Types) + cap(c.Queries)*int(unsafe.Sizeof(fact.Query{}))
	}
	return n
}

// The lines in which ways wait to be given up.
const (
	fine  = iota // nothing is wrong on them
	wrong        // something is
)

// line returns the line that a way belongs to.
func line(r *fact.Reach) int {
	if r.Fine() {
		return fine
	}
	return wrong
}

// inUse is how long after its last connection a way is in use, in nanoseconds, and chances how many that are make others wait.
const inUse, chances = 60e9, 8

// makeRoom gives up ways until there is room for another one, whose first connection began at a time and which takes some bytes, and reports
// whether there is. well says that nothing is wrong on it. A way on which nothing is wrong
// gets the room of such a one that is not in use any more. One on which something is gets that of any, first of those on which nothing is.
func (l *ledger) makeRoom(well bool, first int64, bytes int) bool {
	for len(l.byWay) >= l.maxReach || well && l.fine >= l.maxFine || l.bytes+bytes > l.maxBytes {
		if !l.full {
			l.full = true
			for _, r := range l.byWay {
				l.lines[line(r)].push(r)
			}
			for k := range l.lines {
				l.lines[k].sort()
			}
		}
		idle := first - inUse
		if !l.giveUp(fine, idle) && (well || !l.giveUp(fine, math.MaxInt64) && !l.giveUp(wrong, idle) && !l.giveUp(wrong, math.MaxInt64)) {
			return false
		}
	}
	return true
}

// enter enters a new way.
func (l *ledger) enter(k uint64, r *fact.Reach) {
	l.byWay[k] = r
	l.bytes += wayBytes
	if r.Fine() {
		l.fine++
	}
	if l.full {
		l.lines[line(r)].push(r)
	}
}

// giveUp gives up the first way of a line whose last connection ended before a time, and reports whether it did. The first few that were used
// later go to the line's end.
func (l *ledger) giveUp(k int, before int64) bool {
	for range min(chances, l.lines[k].len()) {
		r := l.lines[k].pop()
		if r.Last >= before {
			l.lines[k].push(r)
			continue
		}
		delete(l.byWay, maphash.Comparable(l.seed, way{r.Client, r.Called, r.Destination, r.Former, r.Proto, r.Outcome, r.Phase, r.Signs}))
		l.kept -= len(r.Examples)
		if k == fine {
			l.fine--
		}
		l.bytes -= wayBytes
		for i := range r.Examples {
			l.bytes -= connectionBytes(&r.Examples[i])
		}
		l.evict(r)
		if l.owned && len(l.spares) < maxSpares {
			l.spares = append(l.spares, r.Examples...)
		}
		r.Examples = nil
		return true
	}
	return false
}

// longExample is what an example takes that has many legs and views, in bytes.
const longExample = 8 << 10

// maxSpares is how many spares there may be for the next ones to come, and some.
const maxSpares = 1 << 6

// spare returns an example whose memory can be used again, or none.
func (l *ledger) spare() (c fact.Connection) {
	if n := len(l.spares); n > 0 {
		c, l.spares[n-1] = l.spares[n-1], c
		l.spares = l.spares[:n-1]
	}
	return c
}

// evict counts a way that is given up.
func (l *ledger) evict(r *fact.Reach) {
	l.evictedWays++
	if !r.Fine() {
		l.evictedFaults++
	}
}

// examples returns how many connections are kept of a way, and how many of those are the last ones.
func (l *ledger) examples(r *fact.Reach) (most, last int) {
	n := len(r.Examples)
	most, last = examples, 2
	switch {
	case l.kept >= manyExamples && n <= fineExamples && r.Fine():
		most, last = fineExamples, 1
	case l.bytes > l.maxBytes/2 && n <= fewExamples:
		most, last = fewExamples, 1
	}
	if n > 0 && l.bytes+longExample > l.maxBytes {
		most = n
	}
	return most, min(last, most)
}
