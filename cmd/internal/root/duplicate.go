package root

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
)

// duplicateAddress tells which two have one address.
func duplicateAddress(a *asked) *fact.Root {
	x := a.finding.Backend.Addr()
	var has []*snapshot.Pod
	for _, p := range a.names.Holders(x) {
		if !p.Over() && p.Since() <= a.span.Last {
			has = append(has, p)
		}
	}
	if len(has) == 0 {
		return nil
	}
	first := has[0]
	if len(has) > 1 {
		return root("duplicate-address", &first.Meta, first.Object(), fmt.Sprintf("Pod %s on %s and pod %s on %s both have %s.",
			nameOf(&first.Meta), first.Node, nameOf(&has[1].Meta), has[1].Node, x), has[1].Object())
	}
	for i := range a.snapshot.Nodes {
		n := &a.snapshot.Nodes[i]
		for _, y := range n.Addresses {
			if x == y {
				return root("duplicate-address", &first.Meta, first.Object(), fmt.Sprintf("Pod %s and node %s both have %s.", nameOf(&first.Meta), n.Name, x), object("Node", &n.Meta))
			}
		}
	}
	return nil
}
