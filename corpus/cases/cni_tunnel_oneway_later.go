package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniTunnelOnewayLater = Case{
	Name: "cni-tunnel-oneway-later",
	About: "The tunnel works until node2 gets a firewall that takes what comes in; what node2 itself sends still arrives, but " +
		"acknowledges nothing.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		before := s.Client.Get(s.Web.VIP())
		another := s.Nodes[1].Pod(9)
		s.Drop(build.Decap, func(p build.Packet) bool { return p.Node == s.Nodes[1] })
		s.Shown(before, s.Client.Dial(s.Web.VIP()), s.Same.Dial(another.Port(8080)), s.Other.Dial(s.Same.Port(8080)))
		s.Expect("cni-tunnel-oneway", rules.Place{}).Nodes = nodes(s)
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("svc-no-dnat", "tcp-loss")
	},
}
