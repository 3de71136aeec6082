package cases

import "github.com/netsift/netsift/corpus/build"

var pingAnswered = Case{
	Name:  "ping",
	About: "Pods ping each other, across nodes and on one; one request of six is lost, and that is no closed way.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Drop(build.Uplink, nil).Skip(3).Times(1)
		s.Ping(s.Client, s.Other.Addr(), 6)
		s.Ping(s.Client, s.Same.Addr(), 3)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Healthy()
	},
}
