package decode

// cachedStacks is a power of two that holds the tunnels of a usual node: two directions to each of some dozens of peers.
const cachedStacks = 128

// stackCache remembers recently interned stacks, so that a packet takes no lock and no map lookup. It is direct-mapped: a
// packet whose stack fell on an occupied slot pays for both, and the answer is the same.
type stackCache [cachedStacks]struct {
	id StackID
	n  int
	e  [MaxDepth]Encap
}

func (c *stackCache) intern(s *Stacks, e *[MaxDepth]Encap, n int) StackID {
	slot := &c[cacheSlot(e, n)]
	if slot.n == n && same(&slot.e, e, n) {
		return slot.id
	}
	id := s.Intern(e, n)
	if id != 0 {
		slot.id, slot.n = id, n
		copy(slot.e[:n], e[:n])
	}
	return id
}

func same(a, b *[MaxDepth]Encap, n int) bool {
	for i := range n {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// cacheSlot mixes what differs between the tunnels of one node: the peers and the VNI.
func cacheSlot(e *[MaxDepth]Encap, n int) uint64 {
	const odd = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio: spreads neighbouring addresses
	h := uint64(n)
	for i := range n {
		x := &e[i]
		h = (h ^ x.Src.Lo ^ x.Src.Hi + uint64(x.VNI)<<32 + uint64(x.Kind)) * odd
		h = (h ^ h>>29 ^ x.Dst.Lo ^ x.Dst.Hi) * odd
	}
	return h >> 32 % cachedStacks
}
