package cases

import "github.com/netsift/netsift/corpus/build"

var svcSnatClientLost = Case{
	Name:  "svc-snat-client-lost",
	About: "A NodePort with externalTrafficPolicy Cluster: the backend sees the node instead of the client.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.NodePort(30080)
		k := s.Get(s.Outside, s.Web.On(s.Nodes[0]))
		s.Shown(k, s.Get(s.Outside, s.Web.On(s.Nodes[0])))
		s.Expect("svc-snat-client-lost", place(k))
		s.Healthy()
	},
}
