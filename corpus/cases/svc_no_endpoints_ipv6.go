package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcNoEndpointsIpv6 = Case{
	Name:  "svc-no-endpoints-ipv6",
	About: "A Service without endpoints in an IPv6 cluster with Geneve: refused with ICMPv6 port-unreachable.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve, IPv6: true})
		none := s.Service("default/none", "[fd00:10:96::60]:80")
		s.Shown(s.Same.Get(s.Web.VIP()), s.Same.Dial(none.VIP()), s.Same.Dial(none.VIP()))
		s.Expect("svc-no-endpoints", rules.Place{Client: s.Same.Addr(), Service: none.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "cni-reject")
	},
}
