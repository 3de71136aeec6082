package analyze

import (
	"cmp"
	"slices"
)

// backward is the step back in time, in nanoseconds, from which a file counts as out of order. Captures of several
// processors step back by microseconds, which harms nothing; dumpcap writes what each interface had in batches that
// overlap by a tenth of a second.
const backward = 1e6

// sort lists a batch's packets by time, in each era, if they are out of order.
func (b *batch) sort() {
	b.at, b.order = 0, b.order[:0]
	latest := int64(-1 << 62)
	for i := range b.packets {
		t := b.packets[i].Time
		if i > 0 && b.eraOf(i) != b.eraOf(i-1) {
			latest = t
		}
		if t < latest-backward {
			for k := range b.packets {
				b.order = append(b.order, uint32(k))
			}
			slices.SortStableFunc(b.order, func(x, y uint32) int {
				if c := cmp.Compare(b.eraOf(int(x)), b.eraOf(int(y))); c != 0 {
					return c
				}
				return cmp.Compare(b.packets[x].Time, b.packets[y].Time)
			})
			return
		}
		latest = max(latest, t)
	}
}

// eraOf returns the era of packet i.
func (b *batch) eraOf(i int) uint32 {
	if len(b.eras) == 0 {
		return b.era
	}
	return b.eras[i]
}

// next returns the index of the next packet to be consumed, -1 at the end of the batch.
func (b *batch) next() int {
	switch {
	case b == nil || b.at == len(b.packets):
		return -1
	case len(b.order) > 0:
		return int(b.order[b.at])
	}
	return b.at
}

// next returns the batch that has the next packet to be consumed, and the packet's index in it; nil at the end, or in a relay when more must be
// read first. Batches returned before are not valid any more. A file that is out of order is put in order as far as two batches reach.
func (s *stream) next() (*batch, int) {
	for s.now.next() < 0 {
		if s.now != nil {
			s.give(s.now)
		}
		if s.now, s.ahead = s.ahead, nil; s.now == nil {
			if s.now = s.receive(); s.now == nil {
				return nil, 0
			}
		}
		s.coverage = s.now.coverage
	}
	if len(s.now.order) > 0 {
		s.unordered = true
	}
	if s.unordered && s.ahead == nil {
		s.ahead = s.receive()
		if s.ahead == nil && s.relay.on && !s.relay.over {
			return nil, 0 // the batch after it may have packets to be consumed first, and is still to come
		}
	}
	i := s.now.next()
	if k := s.ahead.next(); k >= 0 && s.ahead.packets[k].Time < s.now.packets[i].Time && s.ahead.eraOf(k) == s.now.eraOf(i) {
		return s.ahead, k
	}
	return s.now, i
}
