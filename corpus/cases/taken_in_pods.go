package cases

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/build"
)

var takenInPods = Case{
	Name:  "taken-in-pods",
	About: "The same in both pods, with routed veths, IP in IP and IPv6.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP, IPv6: true})
		s.Also("pod-client", s.Client)
		s.Also("pod-server", s.Other)
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Same.Get(s.Client.Port(9090)))
		s.Is(fact.RolePod, s.Client, s.Other)
		s.Healthy()
	},
}
