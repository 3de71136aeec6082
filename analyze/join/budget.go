package join

import (
	"unsafe"

	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
)

// The sizes of a connection, a leg and a view in bytes, with their entries in the indexes: births is a map, whose slots are filled to seven
// sixteenths at least; of a leg there are two entries, of a view one, and slots of eight bytes are filled to three eighths at least.
const (
	connBytes = int(unsafe.Sizeof(conn{})) + 2*(4+4+1)
	legBytes  = int(unsafe.Sizeof(sight.Leg{})) + 2*8*8/3
	viewBytes = int(unsafe.Sizeof(sight.View{})) + 8*8/3
)

// used returns the memory that live connections take, in bytes. Memory that the slabs keep for later ones is not counted.
func (j *Joiner) used() int {
	legs, views, troubles := j.table.Sizes()
	return j.conns.Len()*connBytes + legs*legBytes + views*viewBytes + troubles*int(unsafe.Sizeof(sight.Trouble{}))
}

// makeRoom gives up the connections that are missed least, until one more has room.
func (j *Joiner) makeRoom() {
	for j.conns.Len() > 0 && j.used()+connBytes+legBytes+viewBytes > j.budget {
		k := j.leastMissed()
		if k != life.Closing && k != life.Answered {
			j.Evicted++
		}
		j.end(j.lists[k].oldest)
	}
}

// leastMissed returns the stage whose oldest connection is given up first:
//  1. closed or answered;
//  2. if they are more than an eighth of all: unanswered SYNs, then datagrams, so that a flood evicts itself;
//  3. the longest idle open connection.
func (j *Joiner) leastMissed() life.Stage {
	few := j.conns.Len() / 8
	for _, k := range [...]life.Stage{life.Closing, life.Answered, life.Opening, life.Datagram} {
		if n := j.lists[k].n; n > 0 && (k <= life.Answered || n > few) {
			return k
		}
	}
	for _, k := range [...]life.Stage{life.Open, life.Datagram, life.Opening} {
		if j.lists[k].n > 0 {
			return k
		}
	}
	return life.Closing
}
