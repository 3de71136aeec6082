package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniDfDrop = Case{
	Name:  "cni-df-drop",
	About: "Pods have a larger MTU than the tunnel: the node says so by ICMP, and the sender makes its segments smaller.",
	Script: func(s *Scene) {
		s.Start(build.Options{PodMTU: 1500, TunnelMTU: 1450})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(60000)
		k.Close()
		s.Shown(k)
		s.Expect("cni-df-drop", rules.Place{Backend: s.Other.Port(8080)})
		s.Truth.LayerOpen = true
		s.Allow("tcp-loss", "cni-mss-too-big", "cni-mtu-overrun")
		s.Forbid("cni-mtu-blackhole")
	},
}
