package rules

import "slices"

// stretches are times from a beginning to an end, of which those that touch another one can be counted.
type stretches struct{ begins, ends []int64 }

func (s *stretches) add(from, to int64) {
	s.begins, s.ends = append(s.begins, from), append(s.ends, to)
}

// finish puts them in order. None is added after that.
func (s *stretches) finish() {
	slices.Sort(s.begins)
	slices.Sort(s.ends)
}

// touching counts those that have a moment in common with another one.
func (s *stretches) touching(from, to int64) int {
	if s == nil {
		return 0
	}
	begun, _ := slices.BinarySearch(s.begins, to+1)
	over, _ := slices.BinarySearch(s.ends, from)
	return begun - over
}
