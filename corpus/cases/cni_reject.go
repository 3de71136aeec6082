package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniReject = Case{
	Name:  "cni-reject",
	About: "A NetworkPolicy of the kind that refuses: ICMP administratively prohibited.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Reject(build.Arrive, build.Prohibited, func(p build.Packet) bool { return p.Dst == s.Other.Port(8080) })
		k := s.Client.Dial(s.Web.VIP())
		s.Shown(k, s.Client.Get(s.Other.Port(9090)))
		s.Expect("cni-reject", place(k))
		s.Truth.Layer = rules.LayerCNI
		s.Allow("cni-no-reply")
		s.Forbid("svc-no-endpoints", "app-refused")
	},
}
