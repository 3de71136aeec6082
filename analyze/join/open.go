package join

import "github.com/netsift/netsift/analyze/fact"

// Live returns the number of connections that have not ended.
func (j *Joiner) Live() int { return j.conns.Len() }

// Open hands on each connection that has not ended, in the order in which they began, as it would be if the input ended at the time now.
// young says that the input goes on: a connection that has only begun is not judged then. Open changes no connection, but for one that
// began before the capture and turns out to have been guessed the wrong way round.
func (j *Joiner) Open(now int64, young bool, emit func(*fact.Connection)) {
	for _, id := range j.live() {
		f := &fact.Connection{}
		j.fact(id, f, max(now, j.now), young)
		emit(f)
	}
}
