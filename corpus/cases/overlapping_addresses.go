package cases

import "github.com/netsift/netsift/corpus/build"

var overlappingAddresses = Case{
	Name:  "overlapping-addresses",
	About: "Two tenants with the same pod addresses in two VXLAN networks, seen on the nodes' uplinks: their connections have nothing to do with each other.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		first := s.Dial(s.Client, s.Other.Port(8080), build.Dialer{Port: 40200})
		first.Send(68)
		first.Reply(190)
		first.Close()
		tenant := build.New(build.Options{Seed: 99, VNI: 42})
		second := tenant.Dial(tenant.Nodes[0].Pod(5), tenant.Nodes[1].Pod(8).Port(8080), build.Dialer{Port: 40200})
		second.Send(68)
		second.Reply(190)
		second.Close()
		for i, n := range s.Nodes {
			n.Merge(tenant.Nodes[i])
		}
		for _, n := range s.Nodes {
			s.Forms[n.Name] = build.Form{Link: build.Ethernet, Interface: "eth0"}
		}
		s.Shown(first, second)
		s.Healthy()
	},
}
