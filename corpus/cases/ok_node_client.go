package cases

import "github.com/netsift/netsift/corpus/build"

var okNodeClient = Case{
	Name:  "ok-node-client",
	About: "A process of the node itself calls a Service: no leg with its address is on any interface.",
	Script: func(s *Scene) {
		s.Start(build.Options{})

		k := s.Get(s.Nodes[0], s.Web.VIP())
		if k.End != build.OK {
			panic("the node's own connection should work")
		}
		s.Healthy()
	},
}
