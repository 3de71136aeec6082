// Netsift says why traffic in a Kubernetes cluster fails, from packet captures.
package main

//go:generate go run . rules -o markdown -w ../../docs/rules.md
//go:generate go test -count=1 -run ^(TestConsole|TestPicture|TestEncapDocs)$ -update .

// version is set by the release build: -ldflags "-X main.version=1.2.3".
var version = "0.1.0"

func main() {
	e := systemEnv()
	e.Exit(run(e.Context, e, e.Args))
}
