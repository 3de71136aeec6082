package plugin

import "sync/atomic"

// budget is how many bytes all captures of a run may take together.
type budget struct {
	left, used atomic.Int64
	// over is called when nothing is left, more than once.
	over func()
}

func newBudget(size int64, over func()) *budget {
	b := &budget{over: over}
	b.left.Store(size)
	return b
}

func (b *budget) spend(n int) {
	b.used.Add(int64(n))
	if b.left.Add(-int64(n)) < 0 {
		b.over()
	}
}
