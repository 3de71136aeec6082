package cases

import "github.com/netsift/netsift/corpus/build"

var svcEgress = Case{
	Name:  "svc-egress",
	About: "A pod talks to the world: masqueraded with the node's address, which is no lost client.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Shown(s.Get(s.Client, s.Outside.Port(443)))
		s.Healthy()
	},
}
