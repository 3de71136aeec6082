package cases

import (
	"net/netip"

	"github.com/netsift/netsift/corpus/build"
)

var outsideUnanswered = Case{
	Name:  "outside-unanswered",
	About: "An address outside of the cluster does not answer: no Service, so nothing was to be translated.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Client.Dial(netip.MustParseAddrPort("203.0.113.9:443"))
		s.Truth.LayerOpen = true
		s.Allow("cni-no-reply")
		s.Forbid("svc-no-dnat")
	},
}
