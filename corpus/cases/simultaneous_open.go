package cases

import "github.com/netsift/netsift/corpus/build"

var simultaneousOpen = Case{
	Name:  "simultaneous-open",
	About: "Both ends send a SYN at once (RFC 9293, figure 7): one connection.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.SimultaneousOpen(s.Client, s.Other, 7000)
		k.Send(68)
		k.Reply(190)
		k.CloseByClient()
		s.Healthy()
	},
}
