package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniTunnelRejected = Case{
	Name:  "cni-tunnel-rejected",
	About: "A firewall of node2 refuses the tunnel packets: the ICMP goes to node1 and quotes what was in the tunnel.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Reject(build.Decap, build.Prohibited, func(p build.Packet) bool { return p.Node == s.Nodes[1] })
		s.Shown(s.Client.Dial(s.Web.VIP()))
		s.Expect("cni-tunnel-rejected", rules.Place{}).Nodes = nodes(s)
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-tunnel-oneway", "cni-reject", "cni-no-reply")
	},
}
