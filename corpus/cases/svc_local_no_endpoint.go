package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcLocalNoEndpoint = Case{
	Name:  "svc-local-no-endpoint",
	About: "The same on a node without a backend: its SYNs are dropped, while the other node answers.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.NodePort(30080).Local()
		good, bad := s.Get(s.Outside, s.Web.On(s.Nodes[1])), s.Outside.Dial(s.Web.On(s.Nodes[0]))
		s.Shown(good, s.Client.Get(s.Web.VIP()))
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: bad.Client.Local, Outcome: "hang"})
		s.Expect("svc-local-no-endpoint", rules.Place{Client: s.Outside.Addr(), Service: s.Web.On(s.Nodes[0])})
		s.Truth.Layer = rules.LayerService
		s.Allow("cni-no-reply")
	},
}
