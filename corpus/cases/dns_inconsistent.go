package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsInconsistent = Case{
	Name:  "dns-inconsistent",
	About: "A server that says NXDOMAIN for AAAA of a name whose A record it has.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		names := build.Names{OneTypeOnly: map[string]bool{"web.default.svc.cluster.local": true}}
		s.Asked(r.LookupWith("web.default.svc.cluster.local.", names))
		s.Expect("dns-inconsistent", rules.Place{Client: s.Client.Addr()})
		s.Allow("dns-search-expansion")
	},
}
