package slab

import "testing"

func TestSlab(t *testing.T) {
	var s Slab[[2]int]
	const n = 3 * pieceSize
	first := s.At(s.Add())
	for i := uint32(2); i <= n; i++ {
		if id := s.Add(); id != i {
			t.Fatalf("number %d, want %d", id, i)
		}
		s.At(i)[0] = int(i)
	}
	if s.At(1) != first {
		t.Error("a value moved")
	}
	s.Remove(7)
	s.Remove(9)
	if s.Len() != n-2 {
		t.Errorf("%d in use, want %d", s.Len(), n-2)
	}
	if id := s.Add(); id != 9 || s.At(id)[0] != 0 {
		t.Errorf("number %d with %v, want 9, cleared", id, s.At(id))
	}
	if id := s.Add(); id != 7 {
		t.Errorf("number %d, want 7", id)
	}
	if id := s.Add(); id != n+1 {
		t.Errorf("number %d, want %d", id, n+1)
	}
}
