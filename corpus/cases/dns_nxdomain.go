package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsNxdomain = Case{
	Name:  "dns-nxdomain",
	About: "A name that does not exist as written: every candidate ends in NXDOMAIN.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		s.Asked(r.Lookup("wbe"))
		s.Expect("dns-nxdomain", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerDNS
		s.Allow("dns-search-expansion")
	},
}
