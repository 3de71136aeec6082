package cases

import "github.com/netsift/netsift/corpus/build"

var dnsForwarding = Case{
	Name:  "dns-forwarding",
	About: "The server asks its upstream for outside names: those are its own transactions, and no lookups.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		s.Asked(r.LookupWith("api.example.com.", build.Names{Upstream: s.Outside}))
		s.Healthy()
	},
}
