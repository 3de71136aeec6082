package cases

import "github.com/netsift/netsift/corpus/build"

var okIpvs = Case{
	Name:  "ok-ipvs",
	About: "kube-proxy in IPVS mode: the Service address is still there on the bridge.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.IPVS})
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))
		s.Healthy()
	},
}
