package slab

import "testing"

func TestSlab(t *testing.T) {
	var s Slab[[100]int]
	const n = 100_000 // 80 MB, in steps
	first := s.At(s.Add())
	for i := uint32(2); i <= n; i++ {
		if id := s.Add(); id != i {
			t.Fatalf("number %d, want %d", id, i)
		}
		s.At(i)[99] = int(i)
	}
	if s.At(1) != first {
		t.Error("a value moved")
	}
	for i := uint32(2); i <= n; i++ {
		if got := s.At(i)[99]; got != int(i) {
			t.Fatalf("value %d: got %d", i, got)
		}
	}
	s.Remove(7)
	s.Remove(9)
	if s.Len() != n-2 {
		t.Errorf("%d in use, want %d", s.Len(), n-2)
	}
	if id := s.Add(); id != 9 || s.At(id)[99] != 0 {
		t.Errorf("number %d with %v, want 9, cleared", id, s.At(id))
	}
	if id := s.Add(); id != 7 {
		t.Errorf("number %d, want 7", id)
	}
	if id := s.Add(); id != n+1 {
		t.Errorf("number %d, want %d", id, n+1)
	}
	s.Clear()
	if id := s.Add(); s.Len() != 1 || id != 1 || s.At(id)[99] != 0 || s.At(n)[99] != 0 {
		t.Errorf("number %d after Clear, with %v, %d in use", id, s.At(id), s.Len())
	}
	if OffHeap == (Used() == 0) {
		t.Errorf("%d bytes outside of the heap", Used())
	}
	s.Release()
	if s.Len() != 0 || Used() != 0 {
		t.Errorf("released: %d in use, %d bytes outside of the heap", s.Len(), Used())
	}
	if id := s.Add(); id != 1 || s.At(id)[99] != 0 {
		t.Errorf("number %d with %v, want 1, cleared", id, s.At(id))
	}
	s.Release()
}

// TestPointers: the collector would free values that only a slab points to.
func TestPointers(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a value with a string was taken")
		}
	}()
	var s Slab[struct{ a [2]struct{ text string } }]
	s.Add()
}

func BenchmarkAt(b *testing.B) {
	var s Slab[[1000]byte]
	defer s.Release()
	const n = 1 << 18
	for range n {
		s.At(s.Add())[0] = 1
	}
	id := uint32(1)
	for b.Loop() {
		id += uint32(s.At(id)[0]) * 12345 // waits for the value
		id = id%n + 1
	}
}
