package cases

import (
	"net/netip"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcNoDnat = Case{
	Name:  "svc-no-dnat",
	About: "A Service address that no rule translates leaves the node as it is.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		to := netip.MustParseAddrPort("10.96.0.77:80")
		k := s.Client.Dial(to)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("svc-no-dnat", rules.Place{Client: s.Client.Addr(), Service: to})
		s.Truth.Layer = rules.LayerService
		s.Allow("cni-no-reply")
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: k.Client.Local, Outcome: "hang"})
	},
}
