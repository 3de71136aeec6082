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

// identify gives the findings of one rule their ids. Few digits are easy to read out and to type, and two causes may share them:
// all findings that do get twice as many, until none do. So an id depends on what else was found, and not on the order.
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

// Cause names what the finding is about, in words for nobody: findings with the same one are the same, whatever their ids are.
func (f *Finding) Cause() string { return f.Rule + "\x00" + f.key + "\x00" + f.apart }

// Is reports whether id is the finding's, or the longer one that it has in a report where another finding would share it.
func (f *Finding) Is(id string) bool {
	return id == f.ID || strings.HasPrefix(id, f.ID) && strings.HasPrefix(f.id(most), id)
}

// Longer returns the finding's id with twice as many digits, for where the one it has is another's.
func (f *Finding) Longer() string {
	return f.id(min(2*max(len(f.ID)-len(f.Rule)-len(":"), fewest), most))
}
