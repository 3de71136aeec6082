package join

import (
	"strconv"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
)

// fact sets f to what is known of a connection at the time now; young says that the input goes on. The memory of f's legs and marks is
// used again. It has no ID.
func (j *Joiner) fact(id life.ID, f *fact.Connection, now int64, young bool) {
	c := j.conn(id)
	if j.guessedWrong(c) {
		j.lives.Reverse(id, &c.State)
	}
	j.lives.Conclude(id, &c.State, f, now, young)
	f.Reused, f.Older = j.reused[id], j.older(c)
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

// conclude hands a connection on that is over.
func (j *Joiner) conclude(id life.ID) {
	j.Connections++
	c := j.conn(id)
	shape, known := j.shape(id, c)
	if known {
		j.sinks.Alike(&j.outline)
		return
	}
	f := &j.ended
	j.fact(id, f, j.now, false)
	j.Retransmissions += f.Flow[0].Retransmissions + f.Flow[1].Retransmissions
	if j.sinks.Connection != nil {
		j.sinks.Connection(f, ref(c.Capture, c.Frame), shape)
	}
}

const (
	// many is how many connections end before others are told by their outlines: few cost little, and each may be worth a look.
	many = 1 << 12
	// MaxShapes is how many shapes are known at a time. When there are more, all are forgotten.
	MaxShapes = 1 << 14
	// recent is how long after a connection, in nanoseconds, others are told to be like it.
	recent = 1e9
)

// shape sets j.outline to the outline of a connection that ended. It returns its shape, 0 where it has none, and whether the outline suffices.
func (j *Joiner) shape(id life.ID, c *conn) (shape uint64, known bool) {
	if j.sinks.Alike == nil || j.Connections < many || j.reused[id] != 0 || c.hasNewISN || !j.lives.Outline(id, &c.State, &j.outline) {
		return 0, false
	}
	shape = j.outline.Shape
	last, ok := j.shapes[shape]
	if ok && last <= c.Start && c.Start < last+recent {
		return shape, true
	}
	if !ok && len(j.shapes) == MaxShapes {
		clear(j.shapes)
	}
	j.shapes[shape] = c.Start
	return shape, false
}

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
