package join

import (
	"strconv"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
)

// ended returns a connection as it is when the input goes up to the time now.
func (j *Joiner) ended(id life.ID, now int64) life.Ended {
	c := j.conn(id)
	if j.guessedWrong(c) {
		j.lives.Reverse(id, &c.State)
	}
	e := j.lives.End(id, &c.State, j.outages.Until(c.Last, now))
	e.Reused, e.Older = j.reused[id], j.older(c)
	return e
}

// guessedWrong reports whether the direction of a connection that began before the capture was guessed wrong at its first packet: its client is
// known as a server by now, because it accepted other connections at that port, and its server is not.
func (j *Joiner) guessedWrong(c *conn) bool {
	if !c.Midstream || !c.Proto.Opens() {
		return false
	}
	client, called, _ := j.lives.Ends(&c.State)
	return j.servers[client] && !j.servers[called]
}

// Outage notes that a capture ended at that time, in Unix nanoseconds, and was begun anew.
func (j *Joiner) Outage(began int64) { j.outages.Add(began) }

// conclude hands a connection on that is over.
func (j *Joiner) conclude(id life.ID) {
	j.Connections++
	if j.sinks.Connection != nil {
		j.last = j.ended(id, j.now)
		j.sinks.Connection(&j.last)
	}
}

// Keeper returns a Keeper of connections that end.
func (j *Joiner) Keeper() *life.Keeper { return j.lives.Keeper() }

// ID returns the ID of a connection that was first seen in a frame. Any goroutine may ask.
func (j *Joiner) ID(first fact.Ref) string {
	return j.sources[first.Capture].Label + ":" + strconv.FormatUint(first.Frame, 10)
}

// end hands a connection on and takes it out of the state.
func (j *Joiner) end(id life.ID) {
	j.conclude(id)
	c := j.conn(id)
	if legs := c.Legs(); c.Proto == fact.TCP && len(legs) > 0 {
		j.sockets.put(&j.table.Leg(legs[0]).Tuple, j.table.Place(legs[0]), c.Last)
	}
	j.unlink(id)
	if c.HasISN && j.births[c.ISN] == id {
		delete(j.births, c.ISN)
	}
	if c.HasISN && j.tags[c.ISN] == id {
		delete(j.tags, c.ISN)
	}
	j.lives.Forget(id, &c.State)
	for _, l := range c.Legs() {
		j.table.Remove(l)
	}
	if c.Overflows() {
		for _, l := range j.further[id] {
			j.table.Remove(l)
		}
		delete(j.further, id)
	}
	delete(j.reused, id)
	j.conns.Remove(uint32(id))
}
