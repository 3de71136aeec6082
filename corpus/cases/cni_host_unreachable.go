package cases

import (
	"net/netip"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniHostUnreachable = Case{
	Name:  "cni-host-unreachable",
	About: "An address of a pod that is no more: its node finds nobody there and says host unreachable.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		gone := netip.MustParseAddrPort("10.244.2.77:8080")
		here := func(p build.Packet) bool { return p.Dst == gone }
		// The node asks for its MAC three times, a second apart, before it gives up.
		s.Drop(build.Arrive, here).Times(2)
		s.Reject(build.Arrive, build.HostUnreachable, here)
		k := s.Client.Dial(gone)
		s.Shown(k, s.Client.Get(s.Web.VIP()))
		s.Expect("cni-reject", rules.Place{Client: s.Client.Addr(), Backend: gone})
		s.Truth.Layer = rules.LayerCNI
		s.Allow("cni-no-reply")
		s.Forbid("svc-no-endpoints", "app-refused")
	},
}
