package cases

import (
	"net/netip"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniNoReplyPing = Case{
	Name: "cni-no-reply-ping",
	About: "Somebody pings a pod of node2 that nothing is forwarded to. There is no other traffic to it: the echo requests alone say " +
		"that the way is closed.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Drop(build.Arrive, func(p build.Packet) bool { return p.Node == s.Nodes[1] })
		s.Shown(s.Client.Get(s.Same.Port(8080)), s.Other.Get(s.DNSPod.Port(8080)))
		s.Ping(s.Client, s.Other.Addr(), 6)
		s.Expect("cni-no-reply", rules.Place{Client: s.Client.Addr(), Backend: netip.AddrPortFrom(s.Other.Addr(), 0)})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-tunnel-oneway")
	},
}
