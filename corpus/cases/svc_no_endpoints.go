package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcNoEndpoints = Case{
	Name:  "svc-no-endpoints",
	About: "A Service without endpoints: the node itself refuses with ICMP port-unreachable.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		none := s.Service("default/none", "10.96.0.60:80")
		a, b := s.Client.Dial(none.VIP()), s.Client.Dial(none.VIP())
		s.Shown(s.Client.Get(s.Web.VIP()), a, b)
		s.Expect("svc-no-endpoints", rules.Place{Client: s.Client.Addr(), Service: none.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "cni-reject")
	},
}
