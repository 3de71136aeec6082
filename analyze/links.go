package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/cluster"
)

// UnknownNodeError reports that --links names a node of which there is no capture.
type UnknownNodeError struct {
	Node string
	// Known are the labels of the nodes there are.
	Known []string
}

// Error implements error.
func (e *UnknownNodeError) Error() string {
	return fmt.Sprintf("no capture is of node %q; there are %s (--node NAME=FILE names them)", e.Node, strings.Join(e.Known, ", "))
}

// nodes returns the nodes' labels, in order.
func (e *engine) nodes() []string {
	var list []string
	for _, s := range e.streams {
		list = append(list, s.capture.Node)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// link returns what is known of an interface: its name where the file has one (pcapng), and what a dump of the node's links
// says, by name or else by the kernel's index that LINUX_SLL2 carries.
func (s *stream) link(index uint32) cluster.Link {
	named := cluster.Link{Index: index}
	if int(index) < len(s.names) {
		named.Name = s.names[index]
	}
	for _, l := range s.links {
		if l.Name == named.Name || named.Name == "" && l.Index == index {
			return l
		}
	}
	return named
}
