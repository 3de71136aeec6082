package netsift

import (
	"github.com/netsift/netsift/analyze/cluster"
)

// readLinks reads what ip -d link printed on a node.
func readLinks(e *Env, name string) ([]cluster.Link, error) {
	f, err := open(e, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return cluster.ParseLinks(f)
}
