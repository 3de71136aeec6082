package trace

import "sort"

// arrival is a transmission as a hop shows it.
type arrival struct {
	seen bool
	// time is when its first byte came by, cover how much of its sequence space did.
	time  int64
	cover uint32
	frame uint64
	file  uint16
}

// transmission is a packet on its way; one that is sent again is another.
type transmission struct {
	sighting
	hops []arrival
	// from is the first hop that showed it.
	from int
}

func (t *transmission) length() uint32 { return t.end - t.seq }

// at reports whether a hop showed the transmission as a whole.
func (t *transmission) at(hop int) bool {
	a := &t.hops[hop]
	return a.seen && (!t.sequential || a.cover >= t.length())
}

// last returns the last hop that showed the transmission as a whole.
func (t *transmission) last() int {
	for h := len(t.hops) - 1; h >= 0; h-- {
		if t.at(h) {
			return h
		}
	}
	return t.from
}

const (
	// farApart is how long, in nanoseconds, two sightings of one packet are apart at most: beyond it it was sent again, or
	// is another with the same numbers.
	farApart = 2e9
	// mostSegments is how many segments a GSO packet becomes at most, as their IP ids count them (64 KiB in the smallest
	// usual segments).
	mostSegments = 128
	// longest is the length of the longest packet that is looked for in parts: twice GSO's most.
	longest = 1 << 17
)

// matcher finds the transmission that a sighting is of.
type matcher struct {
	all   []transmission
	nhops int
	exact map[exactKey][]int32
	// byID finds the packet in another view if one view has hardly more of it than the IP header.
	byID map[[2]uint32][]int32
	// space lists transmissions by 64 KiB of sequence space that they touch: a GSO packet touches two at most.
	space map[uint32][]int32
	// split and merged tell, per hop, whether packets were cut or put together there.
	split, merged []bool
}

type exactKey struct{ key, ipID, seq, end uint32 }

func exactOf(s *sighting) exactKey { return exactKey{s.key, s.ipID, s.seq, s.end} }

func newMatcher(hops int) *matcher {
	return &matcher{
		nhops: hops, exact: map[exactKey][]int32{}, byID: map[[2]uint32][]int32{}, space: map[uint32][]int32{}, split: make([]bool, hops), merged: make([]bool, hops),
	}
}

// enter matches a sighting at a hop, or makes a transmission of it. mixed says that the hop may be several interfaces, which
// the capture does not tell apart: each shows the packet once. So do two captures of one interface.
func (m *matcher) enter(s *sighting, hop int, mixed bool) {
	if m.repeats(s, hop, mixed) {
		return
	}
	i := m.same(s, hop)
	if i < 0 {
		i = m.cut(s, hop)
	}
	if i >= 0 {
		t := &m.all[i]
		t.hops[hop] = arrival{seen: true, time: s.time, cover: t.length(), frame: s.frame, file: s.file}
		return
	}
	if s.sequential && s.end-s.seq <= longest && hop > 0 && m.parts(s, hop) {
		return
	}
	i = int32(len(m.all))
	t := transmission{sighting: *s, hops: make([]arrival, m.nhops), from: hop}
	t.hops[hop] = arrival{seen: true, time: s.time, cover: t.length(), frame: s.frame, file: s.file}
	m.all = append(m.all, t)
	m.exact[exactOf(s)] = append(m.exact[exactOf(s)], i)
	m.byID[[2]uint32{s.ipID, s.ipLen}] = append(m.byID[[2]uint32{s.ipID, s.ipLen}], i)
	if s.sequential && t.length() <= longest {
		for b := s.seq >> 16; ; b = (b + 1) & 0xffff {
			m.space[b] = append(m.space[b], i)
			if b == s.end>>16 {
				break
			}
		}
	}
}

// same returns the transmission of the very same packet that is nearest in time and not seen at the hop yet, or -1.
func (m *matcher) same(s *sighting, hop int) int32 {
	best, apart := int32(-1), int64(farApart)
	if s.hasStamp || s.ipID != 0 {
		apart = 1<<63 - 1 // either suffices, even if the clocks say nothing
	}
	for _, i := range m.near(m.exact[exactOf(s)], s.time) {
		t := &m.all[i]
		if d := distance(s.time, t.time); !t.hops[hop].seen && d < apart {
			best, apart = i, d
		}
	}
	return best
}

// candidates is how many transmissions are looked at for one sighting. A hostile capture has as many that look alike as it
// has frames.
const candidates = 512

// near returns the part of a list of transmissions, which is in the order of time by and large, that lies about a time.
func (m *matcher) near(list []int32, time int64) []int32 {
	if len(list) <= candidates {
		return list
	}
	from := sort.Search(len(list), func(k int) bool { return m.all[list[k]].time >= time })
	from = min(max(from-candidates/2, 0), len(list)-candidates)
	return list[from : from+candidates]
}

// repeats reports whether the hop showed the same packet a moment ago.
func (m *matcher) repeats(s *sighting, hop int, mixed bool) bool {
	for _, i := range m.near(m.exact[exactOf(s)], s.time) {
		if a := &m.all[i].hops[hop]; a.seen && (mixed || a.file != s.file) && distance(s.time, a.time) < 2e6 {
			return true
		}
	}
	return false
}

// cut returns the transmission that is known by its IP id and length only, or to which a sighting can be tied only so; -1
// for none. An id of 0 says nothing, then it is the one nearest in time.
func (m *matcher) cut(s *sighting, hop int) int32 {
	best, apart := int32(-1), int64(100e6)
	if s.ipID == 0 || !s.v4 {
		apart = 10e6
	}
	for _, i := range m.near(m.byID[[2]uint32{s.ipID, s.ipLen}], s.time) {
		t := &m.all[i]
		if d := distance(s.time, t.time); (s.cut || t.cut) && !t.hops[hop].seen && d < apart {
			best, apart = i, d
		}
	}
	return best
}

// parts enters a segment of transmissions that were longer elsewhere, or several in one, and reports whether it is that.
func (m *matcher) parts(s *sighting, hop int) bool {
	found := false
	for b := s.seq >> 16; ; b = (b + 1) & 0xffff {
		for _, i := range m.near(m.space[b], s.time) {
			t := &m.all[i]
			// A pair that shares two of these is looked at in the one where its overlap begins.
			if later(s.seq, t.seq)>>16 != b || t.from == hop || !t.overlaps(s) {
				continue
			}
			found = true
			a := &t.hops[hop]
			from, to := later(s.seq, t.seq), earlier(s.end, t.end)
			a.cover += to - from
			if !a.seen || from == t.seq {
				*a = arrival{seen: true, time: s.time, cover: a.cover, frame: s.frame, file: s.file}
			}
			if s.end-s.seq < t.length() {
				m.split[hop] = true
			} else if s.end-s.seq > t.length() {
				m.merged[hop] = true
			}
		}
		if b == s.end>>16 {
			return found
		}
	}
}

// overlaps reports whether s is part of the transmission, or the other way round: the same stretch of data, sent at the
// same moment.
func (t *transmission) overlaps(s *sighting) bool {
	if later(s.seq, t.seq) == earlier(s.end, t.end) || int32(earlier(s.end, t.end)-later(s.seq, t.seq)) < 0 || distance(s.time, t.time) > farApart {
		return false
	}
	if s.hasStamp && t.hasStamp && s.stamp != t.stamp {
		return false
	}
	if s.v4 && s.ipID != 0 && t.ipID != 0 {
		if d := int16(uint16(s.ipID) - uint16(t.ipID)); d <= -mostSegments || d >= mostSegments {
			return false
		}
	}
	// Without timestamps only time tells a segment from the same one sent again: no sender repeats itself within a fifth
	// of a second (RTO_MIN).
	return s.hasStamp && t.hasStamp || distance(s.time, t.time) < 100e6
}

// later and earlier compare in sequence space (RFC 9293, section 3.4).
func later(a, b uint32) uint32 {
	if int32(a-b) > 0 {
		return a
	}
	return b
}

func earlier(a, b uint32) uint32 {
	if int32(a-b) > 0 {
		return b
	}
	return a
}

func distance(a, b int64) int64 {
	if a > b {
		return a - b
	}
	return b - a
}
