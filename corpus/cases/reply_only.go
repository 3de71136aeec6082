package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var replyOnly = Case{
	Name:  "reply-only",
	About: "Of a watch by way of a Service, nothing but two replies is seen: the capture ends before the client acknowledges them.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		api := s.Service("default/api", "10.96.0.1:443").Endpoints(s.Other.Port(6443))
		none := s.Service("default/none", "10.96.0.60:80")
		watch := s.Dial(s.Same, api.VIP(), build.Dialer{Quiet: true})
		a, b := s.Client.Dial(none.VIP()), s.Client.Dial(none.VIP())
		s.Shown(s.Client.Get(s.Web.VIP()), a, b)
		s.Wait(5 * time.Second) // connections over by then have been concluded
		c := s.Client.Dial(none.VIP())
		watch.Server.Data(300)
		s.Wait(3 * time.Millisecond)
		watch.Server.Data(120)
		s.Shown(watch, c)
		s.Expect("svc-no-endpoints", rules.Place{Client: s.Client.Addr(), Service: none.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "cni-reject", "svc-no-dnat")
	},
}
