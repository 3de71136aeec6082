package cases

import "github.com/netsift/netsift/corpus/build"

var okVxlan4789 = Case{
	Name:  "ok-vxlan-4789",
	About: "VXLAN on the port that IANA assigned.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.VXLAN4789})
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))
		s.Healthy()
	},
}
