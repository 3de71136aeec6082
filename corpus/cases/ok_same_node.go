package cases

import "github.com/netsift/netsift/corpus/build"

var okSameNode = Case{
	Name:  "ok-same-node",
	About: "Client and backend on one node: bridged, the TTL stays.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.Endpoints(s.Same.Port(8080))
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(s.Same.Port(8080)))
		s.Healthy()
	},
}
