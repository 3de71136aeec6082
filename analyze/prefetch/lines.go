package prefetch

import "unsafe"

// size is how many addresses are asked for in one call: so many that the call does not count, and no more lines than a processor
// remembers, or forgets none of before they are used.
const size = 64

// Lines are addresses of memory that is going to be needed, two cache lines each, the size of most per-packet state.
// The zero Lines is empty and ready for use.
type Lines struct {
	at [size]unsafe.Pointer
	n  int
}

// Add asks for the cache line that p points into and the one behind it, now or at the next Flush. p may point at anything.
func (l *Lines) Add(p unsafe.Pointer) {
	if l.n == size {
		l.Flush()
	}
	l.at[l.n] = p
	l.n++
}

// Flush prefetches the added lines, without waiting.
func (l *Lines) Flush() {
	load(&l.at, l.n)
	l.n = 0
}

// Own asks for the memory of values that are going to be written, and that another processor may have: a write waits for its line
// as a read does, and few can wait at once.
func Own[T any](values []T) {
	own(unsafe.Pointer(unsafe.SliceData(values)), uintptr(len(values))*unsafe.Sizeof(*new(T)))
}
