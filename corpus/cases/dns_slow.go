package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsSlow = Case{
	Name:  "dns-slow",
	About: "The server takes 1.5 s for its answers: slow, and nothing was lost.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		names := build.Names{Delay: map[string]time.Duration{"web.default.svc.cluster.local": 1500 * time.Millisecond}}
		r := s.Client.Resolver(s.DNS.VIP())
		for range 5 {
			s.Asked(r.LookupWith("web", names))
			s.Wait(time.Second)
		}
		s.Expect("dns-slow", rules.Place{Client: s.Client.Addr()})
		s.Truth.LayerOpen = true
		s.Forbid("dns-intermittent-timeout", "dns-no-response")
	},
}
