package cases

import "github.com/netsift/netsift/corpus/build"

var svcOwnService = Case{
	Name:  "svc-own-service",
	About: "A pod calls its own Service and gets another pod: no hairpin.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.Endpoints(s.Same.Port(8080), s.Client.Port(8080))
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Healthy()
	},
}
