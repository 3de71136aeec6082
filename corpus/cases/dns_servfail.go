package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsServfail = Case{
	Name:  "dns-servfail",
	About: "The server answers SERVFAIL because its own upstream refuses it: the cause is in the same capture.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		names := build.Names{Upstream: s.Outside, UpstreamRefuses: true}
		s.Asked(r.LookupWith("api.example.com", names))
		s.Expect("dns-servfail", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerDNS
		s.Allow("dns-search-expansion", "dns-nxdomain")
		s.Forbid("svc-no-endpoints", "app-refused", "cni-reject")
	},
}
