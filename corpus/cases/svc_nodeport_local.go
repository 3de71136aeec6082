package cases

import "github.com/netsift/netsift/corpus/build"

var svcNodeportLocal = Case{
	Name:  "svc-nodeport-local",
	About: "A NodePort with externalTrafficPolicy Local and a backend on that node: the client's address is kept.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.NodePort(30080).Local()
		s.Shown(s.Get(s.Outside, s.Web.On(s.Nodes[1])))
		s.Healthy()
	},
}
