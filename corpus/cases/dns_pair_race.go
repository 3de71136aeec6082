package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsPairRace = Case{
	Name:  "dns-pair-race",
	About: "Of the pair of A and AAAA one is lost on the client's node: the conntrack race.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		for range 3 {
			lost := s.Drop(build.Forward, func(p build.Packet) bool { return p.UDP && p.Dst.Port() == 53 })
			lost.Skip(1).Times(1)
			s.Asked(r.Lookup("web"))
			lost.Heal()
			s.Wait(time.Second)
			s.Asked(r.Lookup("web"))
		}
		s.Expect("dns-intermittent-timeout", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerDNS
		s.Allow("dns-slow")
	},
}
