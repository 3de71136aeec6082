package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsTCPFallback = Case{
	Name:  "dns-tcp-fallback",
	About: "The answer does not fit into a datagram: it is truncated, and the resolver asks again over TCP.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		name := "web.default.svc.cluster.local"
		r := s.Client.Resolver(s.DNS.VIP())
		r.OnlyA = true
		s.Asked(r.LookupWith("web", build.Names{Truncated: map[string]bool{name: true}}))
		s.Expect("dns-tcp-fallback", rules.Place{Client: s.Client.Addr()})
		s.Healthy()
	},
}
