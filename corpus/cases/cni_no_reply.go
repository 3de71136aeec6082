package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniNoReply = Case{
	Name:  "cni-no-reply",
	About: "A NetworkPolicy drops the SYNs to one pod; the same client reaches others, and its DNS works.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		open := s.Nodes[1].Pod(9)
		s.Drop(build.Arrive, func(p build.Packet) bool { return p.Dst.Addr() == s.Other.Addr() })
		r := s.Client.Resolver(s.DNS.VIP())
		r.Lookup("web")
		k := s.Client.Dial(s.Web.VIP())
		s.Shown(s.Client.Get(open.Port(8080)), k)
		s.Expect("cni-no-reply", place(k))
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("svc-no-dnat", "cni-tunnel-oneway", "tcp-loss", "ct-stale-blackhole")
	},
}
