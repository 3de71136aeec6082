package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var appRefusedSameNode = Case{
	Name:  "app-refused-same-node",
	About: "The same on one node: the RST is bridged and keeps its TTL of 64, which the node's own would have too.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.Endpoints(s.Same.Port(8080))
		s.Same.Refuse(8080)
		k := s.Client.Dial(s.Web.VIP())
		s.Shown(k)
		s.Expect("app-refused", place(k))
		s.Truth.Layer = rules.LayerApp
		s.Forbid("svc-no-endpoints", "ct-stale-reset")
	},
}
