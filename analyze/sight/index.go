package sight

// index finds values by a hash of their own: open addressing with linear probing. It holds ids and half of the hashes; the other
// half is the values'.
type index struct {
	slots []slot
	used  int
}

// slot is free where id is 0. tag is the upper half of the hash, whose lower half says where to look.
type slot struct{ tag, id uint32 }

// minSlots is the size of an empty index; sizes are powers of two.
const minSlots = 256

func newIndex() index { return index{slots: make([]slot, minSlots)} }

// guess returns the first id whose tag fits the hash, 0 where there is none: nearly always the right one.
func (x *index) guess(h uint64) uint32 {
	mask := uint32(len(x.slots) - 1)
	for i := uint32(h) & mask; ; i = (i + 1) & mask {
		if s := x.slots[i]; s.id == 0 || s.tag == uint32(h>>32) {
			return s.id
		}
	}
}

// find returns the id whose hash is h, 0 where there is none. low returns the lower half of an id's hash.
func (x *index) find(h uint64, low func(id uint32) uint32) uint32 {
	return x.slots[x.at(h, low)].id
}

// at returns where the id with a hash is, or would be.
func (x *index) at(h uint64, low func(id uint32) uint32) uint32 {
	mask := uint32(len(x.slots) - 1)
	i := uint32(h) & mask
	for ; x.slots[i].id != 0; i = (i + 1) & mask {
		if s := x.slots[i]; s.tag == uint32(h>>32) && low(s.id) == uint32(h) {
			break
		}
	}
	return i
}

// put lets a hash lead to id, and returns what it led to before, 0 for nothing.
func (x *index) put(h uint64, id uint32, low func(id uint32) uint32) (before uint32) {
	if 4*(x.used+1) > 3*len(x.slots) {
		x.grow(low)
	}
	i := x.at(h, low)
	if before = x.slots[i].id; before == 0 {
		x.used++
	}
	x.slots[i] = slot{uint32(h >> 32), id}
	return before
}

func (x *index) grow(low func(id uint32) uint32) {
	old := x.slots
	x.slots = make([]slot, 2*len(old))
	mask := uint32(len(x.slots) - 1)
	for _, s := range old {
		if s.id == 0 {
			continue
		}
		i := low(s.id) & mask
		for x.slots[i].id != 0 {
			i = (i + 1) & mask
		}
		x.slots[i] = s
	}
}

// forget removes the way to id, if there is one, and closes the gap by moving back what probing went past.
func (x *index) forget(id uint32, low func(id uint32) uint32) {
	mask := uint32(len(x.slots) - 1)
	i := low(id) & mask
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
			home := low(s.id) & mask
			if (i-home)&mask >= (i-gap)&mask { // it may stand in the gap without being missed from its home
				x.slots[gap] = s
				gap = i
				break
			}
		}
	}
}
