package cases

import "github.com/netsift/netsift/corpus/build"

var noTimestamps = Case{
	Name:  "no-timestamps",
	About: "Neither end sends TCP timestamps.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Dial(s.Client, s.Web.VIP(), build.Dialer{NoTimestamps: true})
		k.Send(68)
		k.Reply(60000)
		k.Close()
		s.Shown(k)
		s.Healthy()
	},
}
