package cases

import (
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var replyFirstHost = Case{
	Name:  "reply-first-host",
	About: "The same where the backend is a process of a machine, a kube-apiserver, as on every real node; the pods' networks are routed.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		host := s.External("192.168.1.2")
		api := s.Service("default/kubernetes", "10.96.0.1:443").Endpoints(host.Port(6443))
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
		s.Is(fact.RoleUnknown, host)
		s.Expect("svc-no-endpoints", rules.Place{Client: s.Client.Addr(), Service: none.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "cni-reject", "svc-no-dnat")
	},
}
