package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var ctInvalidUDP = Case{
	Name:  "ct-invalid-udp",
	About: "Bridge netfilter is off: the reply of a DNS pod on the client's own node passes by conntrack and comes from the wrong address.",
	Script: func(s *Scene) {
		s.Start(build.Options{NoBridgeNetfilter: true})
		near := s.Nodes[0].Pod(3)
		s.DNS.Endpoints(near.Port(53))
		r := s.Client.Resolver(s.DNS.VIP())
		r.OnlyA = true
		r.Lookup("web")
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("ct-invalid-reset", rules.Place{Client: s.Client.Addr(), Service: s.DNS.VIP(), Backend: near.Port(53)})
		s.Truth.LayerOpen = true
		s.Allow("dns-no-response", "dns-nxdomain")
		s.Forbid("svc-no-endpoints", "cni-reject")
	},
}
