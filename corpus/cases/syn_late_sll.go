package cases

import "github.com/netsift/netsift/corpus/build"

var synLateSll = Case{
	Name:  "syn-late-sll",
	About: "The same in LINUX_SLL, which shows a SYN on three interfaces without saying which: it was still sent twice.",
	Script: func(s *Scene) {
		synLate.Script(s)
		s.Forms["node1"] = build.Form{Link: build.LinuxSLL}
		s.Forms["node2"] = build.Form{Link: build.LinuxSLL}
	},
}
