package cases

import (
	"net/netip"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniTunnelOneway = Case{
	Name:  "cni-tunnel-oneway",
	About: "A firewall of node2 takes the tunnel packets: they arrive on its uplink, and never on its tunnel device.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Drop(build.Decap, func(p build.Packet) bool { return p.Node == s.Nodes[1] })
		a, b := s.Client.Dial(s.Web.VIP()), s.Same.Dial(s.Other.Port(8080))
		s.Shown(a, b, s.Get(s.Outside, s.Nodes[0].Port(10250)))
		s.Expect("cni-tunnel-oneway", rules.Place{}).Nodes = nodes(s)
		s.Truth.Layer = rules.LayerCNI
		s.Allow("cni-no-reply")
	},
}

// nodes are the addresses of all nodes.
func nodes(s *Scene) (all []netip.Addr) {
	for _, n := range s.Nodes {
		all = append(all, n.Addr())
	}
	return all
}
