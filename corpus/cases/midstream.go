package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var midstream = Case{
	Name:  "midstream",
	About: "A connection that began before the capture: no handshake to join its legs by.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Dial(s.Client, s.Web.VIP(), build.Dialer{Quiet: true})
		for range 5 {
			k.Send(68)
			k.Reply(3000)
			s.Wait(time.Second)
		}
		k.Close()
		s.Shown(k)
		s.Healthy()
	},
}
