package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniMTUOverrun = Case{
	Name:  "cni-mtu-overrun",
	About: "The tunnel's MTU leaves no room for its own header: every large packet is fragmented outside.",
	Script: func(s *Scene) {
		s.Start(build.Options{PodMTU: 1500, TunnelMTU: 1500})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(60000)
		k.Close()
		s.Shown(k)
		s.Expect("cni-mtu-overrun", rules.Place{})
		s.Truth.Layer = rules.LayerCNI
		s.Allow("cni-mss-too-big")
		s.Forbid("cni-mtu-blackhole", "tcp-loss")
	},
}
