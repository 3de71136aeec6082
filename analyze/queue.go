package analyze

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// queue is ways that wait, the first one to be taken at from. Its memory is used again.
type queue struct {
	ways []*fact.Reach
	from int
}

func (q *queue) len() int { return len(q.ways) - q.from }

func (q *queue) push(r *fact.Reach) {
	if len(q.ways) == cap(q.ways) && q.from > len(q.ways)/2 {
		n := copy(q.ways, q.ways[q.from:])
		clear(q.ways[n:])
		q.ways, q.from = q.ways[:n], 0
	}
	q.ways = append(q.ways, r)
}

func (q *queue) pop() *fact.Reach {
	r := q.ways[q.from]
	q.ways[q.from] = nil
	q.from++
	return r
}

// sort puts the ways in the order of their first connections.
func (q *queue) sort() { slices.SortFunc(q.ways[q.from:], older) }
