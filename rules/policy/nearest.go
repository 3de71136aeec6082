package policy

import (
	"fmt"
	"strings"

	"github.com/netsift/netsift/rules/spelling"
)

// suggest returns "; did you mean x?" for the known name that is nearest to a misspelt one, or a list of all of them if none
// is near and they are few.
func suggest(name string, known []string) string {
	best, least := "", 3+len(name)/4 // more is another word
	for _, k := range known {
		d := slips(name, k, least)
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

// slips is how many slips of the hand make one name of another, limit if they are no fewer.
func slips(a, b string, limit int) int {
	if len(a) > longest || len(b) > longest {
		return limit
	}
	return min(limit, spelling.Slips(strings.ToLower(a), strings.ToLower(b), limit-1))
}
