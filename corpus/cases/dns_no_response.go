package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsNoResponse = Case{
	Name:  "dns-no-response",
	About: "UDP port 53 is dropped on the way to the DNS server: no query is answered, everything else works.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Drop(build.Arrive, func(p build.Packet) bool { return p.UDP && p.Dst.Port() == 53 })
		r := s.Client.Resolver(s.DNS.VIP())
		s.Asked(r.Lookup("web"))
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("dns-no-response", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerDNS
		s.Allow("cni-no-reply")
	},
}
