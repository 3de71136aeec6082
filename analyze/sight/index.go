package sight

import (
	"hash/maphash"
	"math/bits"
)

// index finds legs by their keys: open addressing with linear probing. It holds ids and bits of their hashes only; the keys
// are the legs' own. A seed of its own keeps a hostile capture from choosing keys that collide.
type index struct {
	slots []slot
	used  int
	seed  uint64
}

// slot is free where id is 0.
type slot struct {
	tag uint32
	id  LegID
}

// minSlots is the size of an empty index; sizes are powers of two.
const minSlots = 256

func newIndex() index {
	return index{slots: make([]slot, minSlots), seed: maphash.Bytes(maphash.MakeSeed(), nil)}
}

// hash folds a key. Each step is the finisher of a 128-bit multiplication, as in wyhash, keyed by the seed.
func (x *index) hash(k *Key) uint64 {
	const a, b = 0xa0761d6478bd642f, 0xe7037ed1a0b428db
	fold := func(p, q uint64) uint64 {
		hi, lo := bits.Mul64(p, q)
		return hi ^ lo
	}
	h := fold(k.A.Hi^x.seed^a, k.A.Lo^b)
	h = fold(h^k.B.Hi^a, k.B.Lo^b)
	rest := uint64(k.APort)<<48 | uint64(k.BPort)<<32 | uint64(k.Proto)<<16 | uint64(k.Node)
	return fold(h^rest^a, uint64(k.Tunnel)^x.seed^b)
}

// find returns the id whose key is k, and 0 where there is none.
func (x *index) find(k *Key, legs []Leg) LegID {
	h := x.hash(k)
	mask := uint64(len(x.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := &x.slots[i]
		if s.id == 0 {
			return 0
		}
		if s.tag == uint32(h>>32) && legs[s.id].Key == *k {
			return s.id
		}
	}
}

// put lets k lead to id, in place of what it led to before.
func (x *index) put(k *Key, id LegID, legs []Leg) {
	if 4*(x.used+1) > 3*len(x.slots) {
		x.grow(legs)
	}
	h := x.hash(k)
	mask := uint64(len(x.slots) - 1)
	i := h & mask
	for ; x.slots[i].id != 0; i = (i + 1) & mask {
		if s := &x.slots[i]; s.tag == uint32(h>>32) && legs[s.id].Key == *k {
			s.id = id
			return
		}
	}
	x.slots[i] = slot{uint32(h >> 32), id}
	x.used++
}

func (x *index) grow(legs []Leg) {
	old := x.slots
	x.slots = make([]slot, 2*len(old))
	mask := uint64(len(x.slots) - 1)
	for _, s := range old {
		if s.id == 0 {
			continue
		}
		i := x.hash(&legs[s.id].Key) & mask
		for x.slots[i].id != 0 {
			i = (i + 1) & mask
		}
		x.slots[i] = s
	}
}

// remove forgets the way to id, if its key leads to it, and closes the gap by moving back what probing went past.
func (x *index) remove(k *Key, id LegID, legs []Leg) {
	mask := uint64(len(x.slots) - 1)
	i := x.hash(k) & mask
	for x.slots[i].id != id {
		if x.slots[i].id == 0 {
			return
		}
		i = (i + 1) & mask
	}
	x.used--
	for gap := i; ; {
		x.slots[gap] = slot{}
		for {
			i = (i + 1) & mask
			s := x.slots[i]
			if s.id == 0 {
				return
			}
			home := x.hash(&legs[s.id].Key) & mask
			if (i-home)&mask >= (i-gap)&mask { // it may stand in the gap without being missed from its home
				x.slots[gap] = s
				gap = i
				break
			}
		}
	}
}
