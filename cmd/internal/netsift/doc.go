// Package netsift is the program: its commands, what a user may ask of them, and what they write where. Two commands run it: netsift as it is, and
// kubectl-netsift with captures that come from a cluster.
//
// [Run] takes arguments, of which the command line's description (commands.go, flags.go) makes a request (line.go, verbs.go). A verb (analyze.go,
// live.go, ...) has the engine read the captures (engine.go), judges the facts (judge.go) and writes a report. All of the outside is behind an [Env].
package netsift

//go:generate go run ../../netsift rules -o markdown -w ../../../docs/rules.md
//go:generate go test -count=1 -run ^(TestConsole|TestPicture|TestEncapDocs)$ -update .
