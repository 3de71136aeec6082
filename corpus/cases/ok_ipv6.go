package cases

import "github.com/netsift/netsift/corpus/build"

var okIpv6 = Case{
	Name:  "ok-ipv6",
	About: "Pods and Services with IPv6 addresses, the tunnel over IPv4.",
	Script: func(s *Scene) {
		s.Start(build.Options{IPv6: true})
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))
		s.Healthy()
	},
}
