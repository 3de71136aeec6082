// Netsift says why traffic in a Kubernetes cluster fails, from packet captures.
package main

import "github.com/netsift/netsift/cmd/internal/netsift"

func main() {
	e := netsift.SystemEnv()
	e.Exit(netsift.Run(e.Context, e, e.Args))
}
