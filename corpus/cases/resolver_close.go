package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var resolverClose = Case{
	Name:  "resolver-close",
	About: "A headless Service makes the client's resolver close its socket early: its ICMP port-unreachable is no fault.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		q := s.UDP(s.Client, s.DNS.VIP())
		m := query("web.default.svc.cluster.local")
		q.Send(m)
		s.Wait(400 * time.Microsecond)
		m[2], m[3] = 0x84, 0
		q.Reply(m)
		q.RefuseReply()
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Healthy()
	},
}
