package join

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
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
		e := j.ended(id, max(now, j.now))
		e.Young = young
		f := &fact.Connection{}
		e.Conclude(f)
		f.ID = j.ID(e.First())
		emit(f)
	}
}

// some thins the well and the others of a list, which it changes, to about most each.
func (j *Joiner) some(list []life.ID, most int) []life.ID {
	n := [2]int{}
	well := func(id life.ID) int {
		if j.conn(id).Well() {
			return 1
		}
		return 0
	}
	for _, id := range list {
		n[well(id)]++
	}
	step, at := [2]int{(n[0] + most - 1) / most, (n[1] + most - 1) / most}, [2]int{}
	return slices.DeleteFunc(list, func(id life.ID) bool {
		k := well(id)
		at[k]++
		return (at[k]-1)%step[k] != 0
	})
}
