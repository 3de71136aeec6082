package rules

import (
	"cmp"
	"slices"
)

// spans are stretches of time: pairs of beginning and end, by their beginnings. Once finished, each has the latest end of
// all up to it.
type spans [][2]int64

// touches reports whether any of the stretches has a moment in common with another one.
func (s spans) touches(from, to int64) bool {
	n, _ := slices.BinarySearchFunc(s, to, func(x [2]int64, t int64) int {
		if x[0] <= t {
			return -1
		}
		return 1
	})
	return n > 0 && s[n-1][1] >= from
}

// finish puts the stretches in order.
func (s spans) finish() {
	slices.SortFunc(s, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	for i := 1; i < len(s); i++ {
		s[i][1] = max(s[i][1], s[i-1][1])
	}
}

// nearBy is how near in time other answers have to be, to show that one would have been seen.
const nearBy = 60e9

// around returns the stretch of a way and a time on both sides of it.
func around(first, last, near int64) (from, to int64) { return first - near, last + near }
