package root

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
)

// duplicateAddress tells which two have one address: two pods, or a pod and a node.
func duplicateAddress(a *asked) *fact.Root {
	to := a.finding.Backend.Addr()
	var held []*snapshot.Pod
	for _, p := range a.names.Holders(to) {
		if !p.Over() && p.Since() <= a.span.Last {
			held = append(held, p)
		}
	}
	if len(held) == 0 {
		return nil
	}
	first := held[0]
	if len(held) > 1 {
		second := held[1]
		return root("duplicate-address", &first.Meta, first.Object(), fmt.Sprintf("Pods %s%s and %s%s both have %s.",
			nameOf(&first.Meta), onNode(first), nameOf(&second.Meta), onNode(second), to), second.Object())
	}
	if n := a.names.NodeAt(to); n != nil {
		return root("duplicate-address", &first.Meta, first.Object(), fmt.Sprintf("Pod %s%s and node %s both have %s.", nameOf(&first.Meta), onNode(first), n.Name, to),
			object("Node", &n.Meta))
	}
	return nil
}

func onNode(p *snapshot.Pod) string { return prefixed(" on ", p.Node) }
