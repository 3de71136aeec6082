// Package index finds small numbers by hashes: of values in slabs, which hold no maps and no pointers.
package index

// Index leads from hashes to numbers. A hash of 64 bits whose seed nobody knows stands for what it was made of, and nothing else is
// compared. It is open addressing with linear probing. The zero Index is empty and ready for use.
type Index struct {
	slots []slot
	used  int
}

// slot has the number 0 where it is free.
type slot struct {
	hash uint64
	id   uint32
}

// minSlots is the size of a small index; sizes are powers of two.
const minSlots = 64

// Len returns how many hashes lead somewhere.
func (x *Index) Len() int { return x.used }

// Find returns the number that a hash leads to, 0 for none.
func (x *Index) Find(hash uint64) uint32 {
	if x.used == 0 {
		return 0
	}
	return x.slots[x.at(hash)].id
}

// at returns where a hash is, or would be.
func (x *Index) at(hash uint64) uint64 {
	mask := uint64(len(x.slots) - 1)
	i := hash & mask
	for x.slots[i].id != 0 && x.slots[i].hash != hash {
		i = (i + 1) & mask
	}
	return i
}

// Put lets a hash lead to id, which is not 0, and returns what it led to before, 0 for nothing.
func (x *Index) Put(hash uint64, id uint32) (before uint32) {
	if 4*(x.used+1) > 3*len(x.slots) {
		x.grow()
	}
	s := &x.slots[x.at(hash)]
	if before = s.id; before == 0 {
		x.used++
	}
	*s = slot{hash, id}
	return before
}

func (x *Index) grow() {
	old := x.slots
	x.slots = make([]slot, max(2*len(old), minSlots))
	for _, s := range old {
		if s.id != 0 {
			x.slots[x.at(s.hash)] = s
		}
	}
}

// Remove lets a hash lead nowhere, and closes the gap by moving back what probing went past.
func (x *Index) Remove(hash uint64) {
	if x.used == 0 {
		return
	}
	gap := x.at(hash)
	if x.slots[gap].id == 0 {
		return
	}
	x.used--
	mask := uint64(len(x.slots) - 1)
	for i := gap; ; {
		i = (i + 1) & mask
		s := x.slots[i]
		if s.id == 0 {
			x.slots[gap] = slot{}
			return
		}
		if (i-s.hash)&mask >= (i-gap)&mask { // it may stand in the gap without being missed from its home
			x.slots[gap] = s
			gap = i
		}
	}
}
