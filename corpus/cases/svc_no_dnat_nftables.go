package cases

import (
	"net/netip"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcNoDnatNftables = Case{
	Name:  "svc-no-dnat-nftables",
	About: "The same in nftables mode: the packet is dropped on the node, after others to that range were translated.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.NFTables})
		to := netip.MustParseAddrPort("10.96.0.77:80")
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Client.Dial(to)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("svc-no-dnat", rules.Place{Client: s.Client.Addr(), Service: to})
		s.Truth.Layer = rules.LayerService
		s.Allow("cni-no-reply")
	},
}
