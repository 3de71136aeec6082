package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniMTUBlackholeFallback = Case{
	Name: "cni-mtu-blackhole-fallback",
	About: "Large responses vanish without a word until the server's kernel suspects as much (net.ipv4.tcp_mtu_probing) and sends small " +
		"packets: all arrives, seconds late.",
	Script: func(s *Scene) {
		s.Start(build.Options{PodMTU: 1500, TunnelMTU: 1450, SilentMTU: true})
		k := s.Client.Dial(s.Web.VIP())
		k.Server.Probing = true
		k.Send(68)
		k.Reply(20000)
		k.Close()
		s.Shown(k)
		s.Expect("cni-mtu-blackhole", place(k))
		s.Truth.Layer = rules.LayerCNI
		s.Allow("cni-mss-too-big")
		s.Forbid("tcp-loss", "cni-mtu-overrun", "ct-stale-blackhole")
	},
}
