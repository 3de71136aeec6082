package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var zeroWindow = Case{
	Name:  "zero-window",
	About: "The reader takes a pause: window 0, and probes that are answered.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(30000)
		k.Client.Window(false)
		k.Client.Ack()
		for i := range 5 {
			s.Wait(200 * time.Millisecond << i)
			k.Server.KeepAlive()
			k.Client.Ack()
		}
		k.Client.Window(true)
		k.Client.Ack()
		k.Reply(30000)
		k.Close()
		s.Shown(k)
		s.Healthy()
	},
}
