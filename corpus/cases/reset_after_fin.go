package cases

import "github.com/netsift/netsift/corpus/build"

var resetAfterFin = Case{
	Name:  "reset-after-fin",
	About: "A client in a hurry: FIN from the server, RST from the client, after all was said.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		k.Server.Fin()
		k.Client.Ack()
		k.Client.Reset()
		k.End = build.OK
		s.Shown(k)
		s.Healthy()
	},
}
