package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var replyFirst = Case{
	Name:  "reply-first",
	About: "A watch by way of a Service began before the capture, and its first packet seen is a reply; a Service without endpoints is its neighbour.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		api := s.Service("default/api", "10.96.0.1:443").Endpoints(s.Other.Port(6443))
		none := s.Service("default/none", "10.96.0.60:80")
		watch := s.Dial(s.Same, api.VIP(), build.Dialer{Quiet: true})
		for range 3 {
			watch.Reply(300)
			s.Wait(time.Second)
		}
		a, b := s.Client.Dial(none.VIP()), s.Client.Dial(none.VIP())
		s.Shown(s.Client.Get(s.Web.VIP()), a, b)
		watch.Send(49)
		watch.Reply(300)
		s.Shown(watch)
		s.Expect("svc-no-endpoints", rules.Place{Client: s.Client.Addr(), Service: none.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "cni-reject", "svc-no-dnat")
	},
}
