package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var synAfterReset = Case{
	Name: "syn-after-reset",
	About: "Bridge netfilter is off: the SYN-ACK of a pod on the same node comes untranslated, the client refuses it with a RST, and goes on with its SYN at " +
		"doubling intervals. That is one connection.",
	Script: func(s *Scene) {
		s.Start(build.Options{NoBridgeNetfilter: true})
		near := s.Service("default/near", "10.96.0.60:80").Endpoints(s.Same.Port(8080))
		k := s.Dial(s.Client, near.VIP(), build.Dialer{Doubling: true})
		s.Shown(k, s.Client.Get(s.Web.VIP()))
		s.Expect("ct-invalid-reset", place(k))
		s.Truth.Layer = rules.LayerService
	},
}
