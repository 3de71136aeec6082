package cases

import "github.com/netsift/netsift/corpus/build"

var svcHairpin = Case{
	Name:  "svc-hairpin",
	About: "A pod calls its own Service and gets itself: it works, by way of the bridge's address.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.Endpoints(s.Client.Port(8080))
		k := s.Client.Get(s.Web.VIP())
		s.Shown(k, s.Client.Get(s.Web.VIP()))
		s.Expect("svc-hairpin", place(k))
		s.Healthy()
	},
}
