package cases

import "github.com/netsift/netsift/corpus/build"

var okNoOffload = Case{
	Name:  "ok-no-offload",
	About: "An uplink without segmentation offload: one frame on the veth, five on the uplink.",
	Script: func(s *Scene) {
		s.Start(build.Options{NoOffload: true})
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))

		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(30000)
		k.Close()
		s.Shown(k)
		s.Healthy()
	},
}
