package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsSearchExpansion = Case{
	Name:  "dns-search-expansion",
	About: "An outside name with one dot less than ndots walks the search list: six wasted queries.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		s.Asked(r.Lookup("api.example.com"), r.Lookup("web"))
		s.Expect("dns-search-expansion", rules.Place{Client: s.Client.Addr()})
		s.Healthy()
	},
}
