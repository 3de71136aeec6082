package cases

import "github.com/netsift/netsift/corpus/build"

var okGeneve = Case{
	Name:  "ok-geneve",
	About: "A Geneve tunnel with options, as OVN has them.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve})
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))
		s.Healthy()
	},
}
