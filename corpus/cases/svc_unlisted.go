package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcUnlisted = Case{
	Name: "svc-unlisted", About: "A Service answers, and the snapshot that is taken then does not have it: it has just been deleted.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Wait(3 * time.Second)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Known = s.Objects().Without(s.Web)
		s.Expect("svc-unlisted", rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP()})
		s.Forbid("cap-snapshot-old")
	},
}

var svcUnlistedRules = Case{
	Name: "svc-unlisted-rules", About: "A node's rules outlive a Service: it answers for a quarter of an hour before and after the snapshot without it.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP, Proxy: build.IPVS})
		for i := range 6 {
			client := s.Same
			if i > 3 {
				client = s.Client // who calls at last does not matter
			}
			s.Shown(client.Get(s.Web.VIP()))
			s.Wait(5 * time.Minute)
		}
		s.Known = s.Objects().Taken(15 * time.Minute).Without(s.Web)
		s.Expect("svc-unlisted", rules.Place{Client: s.Same.Addr(), Service: s.Web.VIP()}).Severity = rules.Warning
		s.Truth.Layer = rules.LayerService
		s.Forbid("cap-snapshot-old")
	},
}
