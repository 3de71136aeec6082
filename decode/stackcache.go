package decode

import "math/bits"

// The cache holds the tunnels of a busy node: two directions to each of some hundred peers. Deeper stacks are rare.
const (
	cacheBits     = 10
	deepCacheBits = 6
)

// stackCache remembers recently interned stacks, so that a packet takes no lock and no map lookup. It is direct-mapped: a
// packet whose stack fell on an occupied slot pays for both, and the answer is the same.
type stackCache struct {
	single [1 << cacheBits]struct {
		e  Encap
		id StackID // 0: empty
	}
	deep [1 << deepCacheBits]struct {
		n  int // 0: empty
		e  [MaxDepth]Encap
		id StackID
	}
}

// intern returns the id of the stack e[:n], n > 0.
func (c *stackCache) intern(s *Stacks, e *[MaxDepth]Encap, n int) StackID {
	if n > 1 {
		return c.internDeep(s, e, n)
	}
	slot := &c.single[e[0].mix(0)*odd>>(64-cacheBits)]
	if slot.id != 0 && slot.e.is(&e[0]) {
		return slot.id
	}
	id := s.Intern(e, n)
	slot.e, slot.id = e[0], id
	return id
}

func (c *stackCache) internDeep(s *Stacks, e *[MaxDepth]Encap, n int) StackID {
	var h uint64
	for i := range n {
		h = e[i].mix(h)
	}
	slot := &c.deep[h*odd>>(64-deepCacheBits)]
	if slot.n == n {
		i := 0
		for i < n && slot.e[i].is(&e[i]) {
			i++
		}
		if i == n {
			return slot.id
		}
	}
	id := s.Intern(e, n)
	slot.n, slot.id = n, id
	copy(slot.e[:n], e[:n])
	return id
}

// odd is 2^64 divided by the golden ratio: multiplying by it spreads neighbouring addresses over the upper bits.
const odd = 0x9e3779b97f4a7c15

// mix adds to h what differs between the tunnels of one node: the peers and the VNI.
func (e *Encap) mix(h uint64) uint64 {
	return bits.RotateLeft64(h+e.Src.Lo^e.Src.Hi, 21) + (e.Dst.Lo ^ e.Dst.Hi ^ uint64(e.VNI)<<16)
}

// is reports whether e and o are equal; comparing the structs as a whole is a call.
func (e *Encap) is(o *Encap) bool {
	return e.Src == o.Src && e.Dst == o.Dst && e.VNI == o.VNI && e.Kind == o.Kind && e.Port == o.Port
}
