package redact

import (
	"strings"

	"github.com/netsift/netsift/rules"
)

// wellKnown returns how many labels at the beginning of a name are one that programs ask for in every network, such as
// metadata.google.internal. It stays: the names tell nobody's secret, and rules know them.
func wellKnown(labels []string) int {
	for n := min(len(labels), 3); n > 0; n-- {
		if rules.WellKnown(strings.Join(labels[:n], ".")) {
			return n
		}
	}
	return 0
}
