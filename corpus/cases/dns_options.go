package cases

import "github.com/netsift/netsift/corpus/build"

var dnsOptions = Case{
	Name:  "dns-options",
	About: "Resolvers that announce a larger buffer (EDNS) or mix upper and lower case (0x20): ordinary lookups.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		edns, mixed := s.Client.Resolver(s.DNS.VIP()), s.Same.Resolver(s.DNS.VIP())
		edns.EDNS = 1232
		mixed.Mixed = true
		for _, l := range []*build.Lookup{edns.Lookup("web"), mixed.Lookup("web")} {
			l.Libc = build.OtherLibc // glibc does neither of itself
			s.Asked(l)
		}
		s.Healthy()
	},
}
