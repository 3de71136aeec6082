package cases

import "github.com/netsift/netsift/corpus/build"

var halfClose = Case{
	Name:  "half-close",
	About: "The client closes its direction first and reads on: a whole download after a FIN.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Client.Fin()
		k.Server.Ack()
		k.Reply(60000)
		k.Server.Fin()
		k.Client.Ack()
		k.End = build.OK
		s.Shown(k)
		s.Healthy()
	},
}
