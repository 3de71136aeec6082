package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsSearchExpansionCostly = Case{
	Name:  "dns-search-expansion-costly",
	About: "Every name of the search list costs 60 ms: the walk takes longer than the answer.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		names := build.Names{Delay: map[string]time.Duration{}}
		for _, domain := range []string{"default.svc.cluster.local", "svc.cluster.local", "cluster.local"} {
			names.Delay["api.example.com."+domain] = 60 * time.Millisecond
		}
		r := s.Client.Resolver(s.DNS.VIP())
		for range 5 {
			s.Asked(r.LookupWith("api.example.com", names))
			s.Wait(time.Second)
		}
		s.Expect("dns-search-expansion", rules.Place{Client: s.Client.Addr()}).Severity = rules.Warning
		s.Truth.Layer = rules.LayerDNS
		s.Allow("dns-slow")
	},
}
