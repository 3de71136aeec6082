// Kubectl-netsift is kubectl netsift: it says why traffic in a cluster fails, from captures that it takes on the nodes.
package main

import "github.com/netsift/netsift/cmd/internal/plugin"

func main() {
	e := plugin.SystemEnv()
	e.Exit(plugin.Run(e, e.Args))
}
