package report

import (
	"path"

	"github.com/netsift/netsift/analyze/fact"
)

// Names returns the names of captures, clean, and as short as they can be told apart.
func Names(captures []fact.Capture) []string {
	seen := map[string]int{}
	for i := range captures {
		seen[path.Base(captures[i].File)]++
	}
	var names []string
	for i := range captures {
		name := captures[i].File
		if base := path.Base(name); seen[base] == 1 {
			name = base
		}
		if name == "-" {
			name = "stdin"
		}
		names = append(names, Clean(name))
	}
	return names
}
