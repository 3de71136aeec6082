package policy

import (
	"fmt"
	"strings"
)

// suggest returns "; did you mean x?" for the known name that is nearest to a misspelt one, or a list of all of them if none
// is near and they are few.
func suggest(name string, known []string) string {
	best, least := "", 3+len(name)/4 // more is another word
	for _, k := range known {
		d := distance(strings.ToLower(name), strings.ToLower(k), least)
		if strings.Contains(k, name) && len(name) > 2 {
			d = min(d, 1)
		}
		if d < least {
			best, least = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("; did you mean %s?", best)
	}
	if len(known) <= 20 {
		return "; give one of " + strings.Join(known, ", ")
	}
	return ""
}

// longest is the longest name that is compared: nobody means a longer one.
const longest = 64

// distance returns how many characters must be added, removed, changed or swapped with their neighbour to make b of a
// (Levenshtein and Damerau), or limit if it is no less.
func distance(a, b string, limit int) int {
	if len(a) > longest || len(b) > longest || max(len(a), len(b))-min(len(a), len(b)) >= limit {
		return limit
	}
	var rows [3][longest + 1]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for k := range len(b) + 1 {
		last[k] = k
	}
	for i := range len(a) {
		row[0] = i + 1
		for k := range len(b) {
			change := last[k]
			if a[i] != b[k] {
				change++
			}
			row[k+1] = min(change, last[k+1]+1, row[k]+1)
			if i > 0 && k > 0 && a[i] == b[k-1] && a[i-1] == b[k] {
				row[k+1] = min(row[k+1], before[k-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(limit, last[len(b)])
}
