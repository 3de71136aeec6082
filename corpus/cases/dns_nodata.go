package cases

import "github.com/netsift/netsift/corpus/build"

var dnsNodata = Case{
	Name:  "dns-nodata",
	About: "A name with an A record and no AAAA: an empty answer is no NXDOMAIN.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		s.Asked(r.Lookup("web"), r.Lookup("web.default.svc.cluster.local."))
		s.Healthy()
	},
}
