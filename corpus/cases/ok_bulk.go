package cases

import "github.com/netsift/netsift/corpus/build"

var okBulk = Case{
	Name:  "ok-bulk",
	About: "Super-packets up to seven thousand bytes: no frame of that length was ever on a wire.",
	Script: func(s *Scene) {
		s.Start(build.Options{})

		k := s.Client.Dial(s.Web.VIP())
		k.Send(40000)
		k.Reply(300000)
		k.Close()
		s.Shown(k)
		s.Healthy()
	},
}
