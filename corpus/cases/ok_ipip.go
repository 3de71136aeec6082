package cases

import "github.com/netsift/netsift/corpus/build"

var okIpip = Case{
	Name:  "ok-ipip",
	About: "Calico with IP in IP: routed veths, no bridge.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))
		s.Healthy()
	},
}
