package cases

import "github.com/netsift/netsift/corpus/build"

var tunnelRejectedOnce = Case{
	Name: "tunnel-rejected-once",
	About: "Node2 refuses one tunnel packet, as a node does whose tunnel device is not up yet; the client's second SYN and all " +
		"that follows pass.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Reject(build.Decap, build.PortUnreachable, func(p build.Packet) bool { return p.Node == s.Nodes[1] }).Times(1)
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()))
		s.Forbid("cni-tunnel-rejected", "cni-tunnel-oneway", "cni-no-reply")
	},
}
