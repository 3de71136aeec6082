package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcNoEndpointsLimited = Case{
	Name:  "svc-no-endpoints-limited",
	About: "A client calls a Service without endpoints several times a second: the node has an ICMP error for some of its calls, and drops the others.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		none := s.Service("default/none", "10.96.0.60:80")
		s.Shown(s.Client.Get(s.Web.VIP()))
		for range 3 {
			s.SpendErrors(false)
			s.Shown(s.Client.Dial(none.VIP()))
			s.SpendErrors(true)
			k := s.Dial(s.Client, none.VIP(), build.Dialer{Tries: 2})
			s.Truth.Connections = append(s.Truth.Connections, Connection{Client: k.Client.Local, Outcome: "hang"})
			s.Wait(200 * time.Millisecond)
		}
		s.SpendErrors(false)
		s.Shown(s.Client.Dial(none.VIP()), s.Client.Get(s.Web.VIP()))
		s.Expect("svc-no-endpoints", rules.Place{Client: s.Client.Addr(), Service: none.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("svc-no-dnat", "cni-no-reply")
	},
}
