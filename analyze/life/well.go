package life

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// ordinary are the kinds of marks that a connection gets in which nothing is wrong.
const ordinary = 1<<fact.MarkSYN | 1<<fact.MarkSYNACK | 1<<fact.MarkTranslated | 1<<fact.MarkEncapsulated | 1<<fact.MarkData | 1<<fact.MarkFIN |
	1<<fact.MarkQuery | 1<<fact.MarkReply

// Well reports whether no packet that was seen says that something is wrong: the connection is open or over, or waits for nothing.
func (c *State) Well() bool {
	switch c.Stage {
	case Opening:
		return false
	case Datagram, Answered:
		if c.ways[fact.ToServer].waiting > 0 || c.ways[fact.ToClient].waiting > 0 {
			return false
		}
	}
	return !c.Reset && !slices.ContainsFunc(c.marks[:c.nmarks], func(m mark) bool { return ordinary>>m.kind()&1 == 0 })
}
