package sight

import "sync/atomic"

// index finds values by a hash of their own: open addressing with linear probing. It holds ids and half of the hashes, which says where to
// look; the other half is the values'. So nothing but a find looks at values. One goroutine owns it; others may ask it for a guess.
type index struct {
	slots []slot
	used  int
	// shown is slots, for guess.
	shown atomic.Pointer[[]slot]
}

// slot has the id in its lower half, 0 where it is free, and the upper half of the hash.
type slot struct{ atomic.Uint64 }

const upper = 0xffffffff << 32

func (s *slot) set(h uint64, id uint32) { s.Store(h&upper | uint64(id)) }

// home returns where to look first for a hash, or for that of a slot.
func home(h uint64, mask uint32) uint32 { return uint32(h>>32) & mask }

// minSlots is the size of an empty index; sizes are powers of two.
const minSlots = 256

func newIndex() *index {
	x := &index{}
	x.show(make([]slot, minSlots))
	return x
}

func (x *index) show(slots []slot) {
	x.slots = slots
	x.shown.Store(&slots)
}

// guess returns the first id whose slot fits the hash, 0 if none does. The id may be stale or that of another hash; the caller
// must verify it. Safe for any goroutine.
func (x *index) guess(h uint64) uint32 {
	slots := *x.shown.Load()
	mask := uint32(len(slots) - 1)
	for i := home(h, mask); ; i = (i + 1) & mask {
		if s := slots[i].Load(); uint32(s) == 0 || (s^h)&upper == 0 {
			return uint32(s)
		}
	}
}

// find returns the id whose hash is h, 0 where there is none. low returns the lower half of an id's hash.
func (x *index) find(h uint64, low func(id uint32) uint32) uint32 {
	return uint32(x.slots[x.at(h, low)].Load())
}

// at returns where the id with a hash is, or would be.
func (x *index) at(h uint64, low func(id uint32) uint32) uint32 {
	mask := uint32(len(x.slots) - 1)
	i := home(h, mask)
	for ; ; i = (i + 1) & mask {
		if s := x.slots[i].Load(); uint32(s) == 0 || (s^h)&upper == 0 && low(uint32(s)) == uint32(h) {
			return i
		}
	}
}

// put lets a hash lead to id, and returns what it led to before, 0 for nothing.
func (x *index) put(h uint64, id uint32, low func(id uint32) uint32) (before uint32) {
	if 4*(x.used+1) > 3*len(x.slots) {
		x.grow()
	}
	s := &x.slots[x.at(h, low)]
	if before = uint32(s.Load()); before == 0 {
		x.used++
	}
	s.set(h, id)
	return before
}

func (x *index) grow() {
	slots := make([]slot, 2*len(x.slots))
	mask := uint32(len(slots) - 1)
	for k := range x.slots {
		s := x.slots[k].Load()
		if uint32(s) == 0 {
			continue
		}
		i := home(s, mask)
		for slots[i].Load() != 0 {
			i = (i + 1) & mask
		}
		slots[i].Store(s)
	}
	x.show(slots)
}

// forget removes the way from a hash to id, if there is one, and closes the gap by moving back what probing went past.
func (x *index) forget(h uint64, id uint32) {
	mask := uint32(len(x.slots) - 1)
	i := home(h, mask)
	for {
		s := uint32(x.slots[i].Load())
		if s == id {
			break
		}
		if s == 0 {
			return
		}
		i = (i + 1) & mask
	}
	x.used--
	gap := i
	for {
		i = (i + 1) & mask
		s := x.slots[i].Load()
		if s == 0 {
			break
		}
		if (i-home(s, mask))&mask >= (i-gap)&mask { // it may stand in the gap without being missed from its home
			x.slots[gap].Store(s)
			gap = i
		}
	}
	x.slots[gap].Store(0)
}
