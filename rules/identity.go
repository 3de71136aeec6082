package rules

import (
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// fewest and most are how many hexadecimal digits an id has after its rule.
const (
	fewest = 4
	most   = 64
)

// identify gives the findings of one rule their ids. Few digits are easy to read out and to type, but two causes may share them.
// Findings that share an id get twice as many digits, until none do. So an id depends on the other findings, not on their order.
func identify(list []Finding) {
	open := make([]*Finding, len(list))
	for i := range list {
		open[i] = &list[i]
	}
	for digits := fewest; digits <= most && len(open) > 0; digits *= 2 {
		have := map[string]int{}
		for _, f := range open {
			f.ID = f.id(digits)
			have[f.ID]++
		}
		open = slices.DeleteFunc(open, func(f *Finding) bool { return have[f.ID] == 1 })
	}
	for i, f := range open { // no hash tells one cause from itself
		f.ID += fmt.Sprintf("-%d", i+1)
	}
}

// id returns the id with so many digits. It begins with those that have fewer.
func (f *Finding) id(digits int) string {
	h := fnv.New32a()
	h.Write([]byte(f.Rule + "\x00" + f.key))
	id := fmt.Sprintf("%s:%04x", f.Rule, h.Sum32()&0xffff)
	if digits > fewest {
		id += fmt.Sprintf("%x", sha256.Sum256([]byte(f.Cause())))[:digits-fewest]
	}
	return id
}

// Cause identifies the finding's cause, and is not for display. Findings with the same Cause are the same, even under other ids.
func (f *Finding) Cause() string { return f.Rule + "\x00" + f.key + "\x00" + f.apart }

// Is reports whether id is the finding's, or the longer one that it has in a report in which another finding shares the short one.
func (f *Finding) Is(id string) bool {
	return id == f.ID || strings.HasPrefix(id, f.ID) && strings.HasPrefix(f.id(most), id)
}

// Longer returns the finding's id with twice as many digits, for use if another finding has the same id.
func (f *Finding) Longer() string {
	return f.id(min(2*max(len(f.ID)-len(f.Rule)-len(":"), fewest), most))
}
