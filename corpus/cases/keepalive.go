package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var keepalive = Case{
	Name:  "keepalive",
	About: "Keepalive probes for a minute, each answered: the same byte again is no retransmission.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		for range 6 {
			s.Wait(10 * time.Second)
			k.Client.KeepAlive()
			k.Server.Ack()
		}
		k.Close()
		s.Shown(k)
		s.Healthy()
	},
}
