package prefetch

import "unsafe"

// size is how many lines are asked for in one call: so many that the call does not count, and no more than a processor
// remembers, or forgets none of before they are used.
const size = 64

// Lines are addresses of memory that is going to be needed, a cache line each. The zero Lines is empty and ready for use.
type Lines struct{ list }

// Pairs are the same, two cache lines each: what is followed a packet at a time mostly fills as many.
type Pairs struct{ list }

type list struct {
	at [size]unsafe.Pointer
	n  int
}

// Add asks for the cache line that p points into, now or at the next Flush. p may point at anything.
func (l *Lines) Add(p unsafe.Pointer) {
	if l.n == size {
		l.Flush()
	}
	l.add(p)
}

// Add asks for the cache line that p points into and the one behind it, now or at the next Flush. p may point at anything.
func (l *Pairs) Add(p unsafe.Pointer) {
	if l.n == size {
		l.Flush()
	}
	l.add(p)
}

func (l *list) add(p unsafe.Pointer) {
	l.at[l.n] = p
	l.n++
}

// Own asks for the memory of values that are going to be written, and that another processor may have: a write waits for its line
// as a read does, and few can wait at once.
func Own[T any](values []T) {
	own(unsafe.Pointer(unsafe.SliceData(values)), uintptr(len(values))*unsafe.Sizeof(*new(T)))
}

// Flush asks for what was added. It does not wait for it.
func (l *Lines) Flush() {
	load(&l.at, l.n)
	l.n = 0
}

// Flush asks for what was added. It does not wait for it.
func (l *Pairs) Flush() {
	loadPairs(&l.at, l.n)
	l.n = 0
}
