package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsIntermittentTimeout = Case{
	Name:  "dns-intermittent-timeout",
	About: "Some queries are lost on the way; the resolver asks again after five seconds and gets its answer.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		lost := s.Drop(build.Uplink, func(p build.Packet) bool { return p.UDP && p.Dst.Port() == 53 })
		lost.Times(2)
		s.Asked(r.Lookup("web"))
		for range 4 {
			s.Wait(time.Second)
			s.Asked(r.Lookup("web"))
		}
		s.Expect("dns-intermittent-timeout", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerDNS
		s.Allow("dns-slow")
	},
}
