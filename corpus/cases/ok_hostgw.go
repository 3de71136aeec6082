package cases

import "github.com/netsift/netsift/corpus/build"

var okHostgw = Case{
	Name:  "ok-hostgw",
	About: "Plain routes between the nodes: no tunnel, and that is no fault.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))
		s.Healthy()
	},
}
