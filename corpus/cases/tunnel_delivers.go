package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var tunnelDelivers = Case{
	Name: "tunnel-delivers",
	About: "Node2 forwards nothing to its pods (FORWARD policy DROP): not one packet comes back through the tunnel, and yet the tunnel " +
		"delivers each, as its device there shows.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Drop(build.Arrive, func(p build.Packet) bool { return p.Node == s.Nodes[1] })
		k := s.Client.Dial(s.Web.VIP())
		s.Shown(k, s.Client.Get(s.Same.Port(8080)))
		s.Expect("cni-no-reply", place(k))
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-tunnel-oneway", "svc-no-dnat", "tcp-loss")
	},
}
