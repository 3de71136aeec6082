package index

import (
	"math/rand/v2"
	"testing"
)

// TestIndex compares with a map. Hashes share their lower bits, so that probing goes far.
func TestIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var x Index
	want := map[uint64]uint32{}
	for i := range 50_000 {
		h := r.Uint64N(64)<<32 | r.Uint64N(64)
		switch r.IntN(3) {
		case 0, 1:
			id := uint32(i + 1)
			if before := x.Put(h, id); before != want[h] {
				t.Fatalf("%x led to %d, want %d", h, before, want[h])
			}
			want[h] = id
		default:
			x.Remove(h)
			delete(want, h)
		}
		if h := r.Uint64N(64)<<32 | r.Uint64N(64); x.Find(h) != want[h] {
			t.Fatalf("%x leads to %d, want %d", h, x.Find(h), want[h])
		}
		if x.Len() != len(want) {
			t.Fatalf("%d hashes, want %d", x.Len(), len(want))
		}
	}
	for h := range want {
		x.Remove(h)
	}
	if x.Len() != 0 {
		t.Errorf("%d hashes are left", x.Len())
	}
	for i, s := range x.slots {
		if s != (slot{}) {
			t.Errorf("slot %d: %v", i, s)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	var x Index
	const n = 1 << 16
	hash := func(i uint64) uint64 { return i * 0x9e3779b97f4a7c15 >> 3 }
	for i := range uint64(n) {
		x.Put(hash(i), 1)
	}
	for i := uint64(n); b.Loop(); i++ {
		x.Put(hash(i), 1)
		x.Remove(hash(i - n))
	}
}
