package cases

import (
	"net/netip"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniRoutingLoop = Case{
	Name:  "cni-routing-loop",
	About: "Both nodes think that the other one has an address: the packet goes to and fro until its TTL is used up.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Nodes[1].Misroute(s.Nodes[0])
		gone := netip.MustParseAddrPort("10.244.2.77:8080")
		k := s.Client.Dial(gone)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("cni-routing-loop", rules.Place{Client: s.Client.Addr(), Backend: gone})
		s.Truth.Layer = rules.LayerCNI
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: k.Client.Local})
		s.Allow("cni-no-reply", "cni-reject")
		s.Forbid("tcp-loss")
	},
}
