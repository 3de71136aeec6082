package root

import (
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// unbelieved is the kind of a cause that packets contradict.
const unbelieved = "contradicted"

// contradicted makes of a cause one that packets show not to be it.
func contradicted(r *fact.Root, yet string) *fact.Root {
	x := *r
	x.Kind, x.Text = unbelieved, strings.TrimSuffix(r.Text, ".")+", but "+yet+"."
	return &x
}

// firstOf returns the first cause that packets do not contradict; without one the first that they do.
func firstOf(tell ...func() *fact.Root) (best *fact.Root) {
	for _, t := range tell {
		r := t()
		switch {
		case r != nil && r.Kind != unbelieved:
			return r
		case best == nil:
			best = r
		}
	}
	return best
}

// worked reports whether connections of a way that a condition has went well which began after a time, and no later than the snapshot was taken: what
// it says may have changed since.
func (a *asked) worked(after int64, is func(*fact.Reach) bool) bool {
	return slices.ContainsFunc(a.facts.Reach, func(y fact.Reach) bool {
		return y.Outcome == fact.OK && y.Signs&fact.SignAnswered != 0 && y.LastStart > after &&
			(a.snapshot.Taken == 0 || y.LastStart <= max(a.snapshot.Taken, a.span.Last)) && is(&y)
	})
}
