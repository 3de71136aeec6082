package trace

import (
	"cmp"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

const (
	// orderKeys is how many packets the order of views is made from, orderSamples how many times of two views.
	orderKeys, orderSamples = 1 << 12, 32
	// maxViews is how many views a packet may have to tell their order: no path has that many, only a loop or a hostile file.
	maxViews = 32
)

// identity is common to all sightings of one packet, segmentation aside.
type identity struct {
	key, ipID uint32
}

// order returns the views of one direction in the order of the path: by falling TTL, which every router on the way takes
// one off; the views of one node together; and in a node by which of two views showed the same packets first.
func (r *Recorder) order(flow fact.Direction) []int {
	var list []int
	for i := range r.places {
		if r.places[i].flow == flow {
			list = append(list, i)
		}
	}
	first := map[uint16]int64{}
	highest := map[uint16]uint8{}
	for _, i := range list {
		v := &r.places[i]
		if t, ok := first[v.node]; !ok || v.first < t {
			first[v.node] = v.first
		}
		highest[v.node] = max(highest[v.node], v.ttl())
	}
	later := r.later(flow)
	slices.SortStableFunc(list, func(a, b int) int {
		x, y := &r.places[a], &r.places[b]
		if c := cmp.Compare(y.ttl(), x.ttl()); c != 0 {
			return c
		}
		if x.node != y.node {
			return cmp.Or(cmp.Compare(highest[y.node], highest[x.node]), cmp.Compare(first[x.node], first[y.node]), cmp.Compare(x.node, y.node))
		}
		if d := later[[2]int{min(a, b), max(a, b)}]; len(d) > 0 {
			by := cmp.Compare(0, median(d)) // the later one, b if a < b, comes second
			if a > b {
				by = -by
			}
			if by != 0 {
				return by
			}
		}
		return cmp.Or(cmp.Compare(x.direction, y.direction), cmp.Compare(x.first, y.first), cmp.Compare(a, b))
	})
	return list
}

// later returns how much later than the first of two views the second one showed the same packets, by pairs of views.
func (r *Recorder) later(flow fact.Direction) map[[2]int][]int64 {
	times := map[identity]map[int]int64{}
	for i := range r.list {
		s := &r.list[i]
		if r.places[s.place].flow != flow {
			continue
		}
		id := identity{s.key, s.ipID}
		m := times[id]
		if m == nil {
			if len(times) == orderKeys {
				continue
			}
			m = map[int]int64{}
			times[id] = m
		}
		if _, ok := m[int(s.place)]; !ok {
			m[int(s.place)] = s.time
		}
	}
	pairs := map[[2]int][]int64{}
	for i := range r.list { // in the order of the list, so that the same samples are taken each time
		id := identity{r.list[i].key, r.list[i].ipID}
		m := times[id]
		if len(m) > maxViews {
			continue
		}
		for a, ta := range m {
			for b, tb := range m {
				if k := [2]int{a, b}; a < b && len(pairs[k]) < orderSamples {
					pairs[k] = append(pairs[k], tb-ta)
				}
			}
		}
		delete(times, id)
	}
	return pairs
}

// median returns the middle value, of the upper half where there are two.
func median(list []int64) int64 {
	list = slices.Clone(list)
	slices.Sort(list)
	return list[len(list)/2]
}
