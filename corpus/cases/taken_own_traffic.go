package cases

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var takenOwnTraffic = Case{
	Name: "taken-own-traffic",
	About: "A node's capture was filtered so that nothing but the node's own connections is left, as on a client outside. The other node's shows " +
		"the tunnel between them.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		one, two := s.Nodes[0], s.Nodes[1]
		apiserver := s.External("192.168.1.2")
		s.Web.NodePort(30080)
		s.Forms[one.Name] = build.Form{Filter: func(data []byte) bool {
			return isPort(data, one.Addr(), 6, 6443) || isPort(data, one.Addr(), 6, 30080)
		}}
		s.Shown(one.Dial(apiserver.Port(6443)), s.Get(one, s.Web.On(two)))
		s.ForAMinute(func() { s.Shown(one.Dial(apiserver.Port(6443))) })
		k := s.Client.Get(s.Web.VIP()) // its Service's address shows on the filtered node only
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: k.Client.Local, Outcome: "ok"})
		s.Is(fact.RoleNode, one, two)
		s.Is(fact.RoleUnknown, apiserver)
		s.Expect("cap-filtered", rules.Place{})
		s.Healthy()
	},
}
