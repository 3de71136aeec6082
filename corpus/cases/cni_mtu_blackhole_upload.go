package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniMTUBlackholeUpload = Case{
	Name: "cni-mtu-blackhole-upload",
	About: "A client sends more than fits into one packet: all but the small rest vanishes without a word. The server has nothing to say " +
		"but one SACK of that rest.",
	Script: func(s *Scene) {
		s.Start(build.Options{PodMTU: 1500, TunnelMTU: 1450, SilentMTU: true})
		small := s.Client.Get(s.Web.VIP())
		k := s.Client.Dial(s.Web.VIP())
		k.Send(5000)
		s.Shown(small, s.Other.Get(s.DNSPod.Port(8080)), s.Client.Get(s.Web.VIP()))
		e := s.Expect("cni-mtu-blackhole", place(k))
		e.Severity = rules.Critical
		s.Truth.Layer = rules.LayerCNI
		s.Allow("cni-mss-too-big")
		s.Forbid("tcp-loss", "cni-mtu-overrun", "ct-stale-blackhole", "cni-no-reply")
	},
}
