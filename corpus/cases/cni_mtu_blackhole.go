package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniMTUBlackhole = Case{
	Name:  "cni-mtu-blackhole",
	About: "The same without a word: small requests work, and large responses are sent again and again until both give up.",
	Script: func(s *Scene) {
		s.Start(build.Options{PodMTU: 1500, TunnelMTU: 1450, SilentMTU: true})
		small := s.Client.Get(s.Web.VIP())
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(60000)
		k.Client.Fin() // it gives up, and small packets still pass
		k.Server.Ack()
		s.Shown(small, k, s.Client.Get(s.Web.VIP()))
		e := s.Expect("cni-mtu-blackhole", place(k))
		e.Severity = rules.Critical
		s.Truth.Layer = rules.LayerCNI
		s.Allow("cni-mss-too-big")
		s.Forbid("tcp-loss", "cni-mtu-overrun", "ct-stale-blackhole", "cni-no-reply")
	},
}
