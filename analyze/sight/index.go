package sight

// index finds legs by the hashes of their keys: open addressing with linear probing. It holds ids and bits of the hashes
// only; the keys are the legs' own.
type index struct {
	slots []slot
	used  int
}

// slot is free where id is 0.
type slot struct {
	tag uint32
	id  LegID
}

// minSlots is the size of an empty index; sizes are powers of two.
const minSlots = 256

func newIndex() index { return index{slots: make([]slot, minSlots)} }

// guess returns the first id whose tag fits the hash, 0 where there is none: nearly always what find returns.
func (x *index) guess(h uint64) LegID {
	mask := uint64(len(x.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		if s := &x.slots[i]; s.id == 0 || s.tag == uint32(h>>32) {
			return s.id
		}
	}
}

// put lets k, whose hash is h, lead to id, in place of what it led to before.
func (t *Table) put(k *Key, h uint64, id LegID) {
	x := &t.ids
	if 4*(x.used+1) > 3*len(x.slots) {
		t.grow()
	}
	mask := uint64(len(x.slots) - 1)
	i := h & mask
	for ; x.slots[i].id != 0; i = (i + 1) & mask {
		if s := &x.slots[i]; s.tag == uint32(h>>32) && t.Leg(s.id).Key == *k {
			s.id = id
			return
		}
	}
	x.slots[i] = slot{uint32(h >> 32), id}
	x.used++
}

func (t *Table) grow() {
	x := &t.ids
	old := x.slots
	x.slots = make([]slot, 2*len(old))
	mask := uint64(len(x.slots) - 1)
	for _, s := range old {
		if s.id == 0 {
			continue
		}
		i := t.Leg(s.id).hash & mask
		for x.slots[i].id != 0 {
			i = (i + 1) & mask
		}
		x.slots[i] = s
	}
}

// forget removes the way to leg id, if its key leads to it, and closes the gap by moving back what probing went past.
func (t *Table) forget(id LegID) {
	x := &t.ids
	mask := uint64(len(x.slots) - 1)
	i := t.Leg(id).hash & mask
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
			home := t.Leg(s.id).hash & mask
			if (i-home)&mask >= (i-gap)&mask { // it may stand in the gap without being missed from its home
				x.slots[gap] = s
				gap = i
				break
			}
		}
	}
}
