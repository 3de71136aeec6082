package cases

import "github.com/netsift/netsift/corpus/build"

var formSll = Case{
	Name:  "form-sll",
	About: "LINUX_SLL: no interface numbers.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Forms["node1"] = build.Form{Link: build.LinuxSLL}
		s.Forms["node2"] = build.Form{Link: build.LinuxSLL}
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()))
		s.Healthy()
	},
}
