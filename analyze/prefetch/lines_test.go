package prefetch

import (
	"testing"
	"unsafe"
)

// TestLines: addresses that lead nowhere do no harm, nor does asking for more than is asked for at once.
func TestLines(t *testing.T) {
	var l Lines
	var memory [1 << 12]byte
	for n := range 3 * size {
		for i := range n {
			l.Add(unsafe.Add(unsafe.Pointer(&memory[0]), i))
		}
		l.Add(nil)
		Own(memory[:n])
		Own(memory[n:n])
		l.Flush()
		if l.n != 0 {
			t.Fatalf("%d addresses left of %d", l.n, n)
		}
	}
	for i, b := range memory {
		if b != 0 {
			t.Fatalf("byte %d changed to %d", i, b)
		}
	}
}

func BenchmarkLines(b *testing.B) {
	var l Lines
	var memory [1 << 16]byte
	i := 0
	for b.Loop() {
		l.Add(unsafe.Pointer(&memory[i%len(memory)]))
		i += 64
	}
}
