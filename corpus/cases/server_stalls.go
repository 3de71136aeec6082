package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var serverStalls = Case{
	Name:  "server-stalls",
	About: "A server that takes ten seconds to answer: it acknowledged the request, and nothing is lost.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(2000)
		s.Wait(10 * time.Second)
		k.Reply(60000)
		k.Close()
		s.Shown(k)
		s.Healthy()
	},
}
