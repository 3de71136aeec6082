package cases

import "github.com/netsift/netsift/corpus/build"

var svcHairpinIpvs = Case{
	Name:  "svc-hairpin-ipvs",
	About: "The same with IPVS, where the replies are seen half translated.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.IPVS})
		s.Web.Endpoints(s.Client.Port(8080))
		k := s.Client.Get(s.Web.VIP())
		s.Shown(k)
		s.Expect("svc-hairpin", place(k))
		s.Healthy()
	},
}
