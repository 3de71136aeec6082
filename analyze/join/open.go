package join

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// Live returns the number of connections that have not ended.
func (j *Joiner) Live() int { return j.conns.Len() }

// Open hands on each connection that has not ended, in the order in which they began, as it would be if the input ended at the time now.
// young says that the input goes on: a connection that has only begun is not judged then. If there are more than most, for most > 0, Open hands
// on about most of those that are well, and as many of the others, at even distances in their order. Open changes no connection, but for one
// that began before the capture and turns out to have been guessed the wrong way round.
func (j *Joiner) Open(now int64, young bool, most int, emit func(*fact.Connection)) {
	list := j.live()
	if most > 0 && len(list) > most {
		list = j.some(list, most)
	}
	for _, id := range list {
		f := &fact.Connection{}
		j.fact(id, f, max(now, j.now), young)
		emit(f)
	}
}

// some thins the well and the others of a list, which it changes, to about most each.
func (j *Joiner) some(list []connID, most int) []connID {
	n := [2]int{}
	well := func(id connID) int {
		if j.conn(id).well() {
			return 1
		}
		return 0
	}
	for _, id := range list {
		n[well(id)]++
	}
	step, at := [2]int{(n[0] + most - 1) / most, (n[1] + most - 1) / most}, [2]int{}
	return slices.DeleteFunc(list, func(id connID) bool {
		k := well(id)
		at[k]++
		return (at[k]-1)%step[k] != 0
	})
}

// ordinary are the kinds of marks that a connection gets in which nothing is wrong.
const ordinary = 1<<fact.MarkSYN | 1<<fact.MarkSYNACK | 1<<fact.MarkTranslated | 1<<fact.MarkEncapsulated | 1<<fact.MarkData | 1<<fact.MarkFIN |
	1<<fact.MarkQuery | 1<<fact.MarkReply

// well reports whether no packet that was seen says that something is wrong: the connection is open or over, or waits for nothing.
func (c *conn) well() bool {
	switch c.class {
	case opening:
		return false
	case datagram, answered:
		if c.ways[fact.ToServer].waiting > 0 || c.ways[fact.ToClient].waiting > 0 {
			return false
		}
	}
	return !c.reset && !slices.ContainsFunc(c.marks[:c.nmarks], func(m mark) bool { return ordinary>>m.kind()&1 == 0 })
}
