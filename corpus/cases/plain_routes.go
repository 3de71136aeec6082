package cases

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcSnatClientLostRoutes = Case{
	Name:  "svc-snat-client-lost-routes",
	About: "A NodePort that hides its client's address, without a tunnel: the node sends on by the interface that the only client of it came by, which is no pod's.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		s.Web.NodePort(30080)
		k := s.Get(s.Outside, s.Web.On(s.Nodes[0]))
		s.Shown(k, s.Get(s.Outside, s.Web.On(s.Nodes[0])))
		s.Expect("svc-snat-client-lost", place(k))
		s.Healthy()
		s.Is(fact.RoleUnknown, s.Outside)
	},
}

var svcLocalNoEndpointRoutes = Case{
	Name:  "svc-local-no-endpoint-routes",
	About: "A node without a backend drops the SYNs to a NodePort that is local. Nothing is heard of its own address but what a neighbour sends there.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		s.Web.NodePort(30080).Local()
		bad := s.Outside.Dial(s.Web.On(s.Nodes[0]))
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: bad.Client.Local, Outcome: "hang"})
		s.Expect("svc-local-no-endpoint", rules.Place{Client: s.Outside.Addr(), Service: s.Web.On(s.Nodes[0])})
		s.Truth.Layer = rules.LayerService
		s.Is(fact.RoleUnknown, s.Outside)
	},
}

var nodePortNotLocal = Case{
	Name: "nodeport-not-local",
	About: "The look-alike: the node masqueraded clients of that NodePort before, so it is not local; now a policy drops what is for its backend, on the " +
		"node that translates and routes to the pod right by its veth.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		s.Web.NodePort(30080)
		s.Shown(s.Get(s.Outside, s.Web.On(s.Nodes[1])))
		s.Drop(build.Bridge, func(p build.Packet) bool { return p.Dst.Port() == 8080 })
		s.Outside.Dial(s.Web.On(s.Nodes[1]))
		s.Truth.LayerOpen = true
		s.Allow("cni-no-reply")
		s.Forbid("svc-local-no-endpoint", "svc-no-dnat")
	},
}

var cniRejectResetRoutes = Case{
	Name: "cni-reject-reset-routes",
	About: "A NetworkPolicy refuses with a RST in the pod's name, on the pod's node. Without a tunnel it comes to the client's node with an untouched TTL, " +
		"where that node's pods have a router before them.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		s.Only(s.Nodes[0])
		s.Shown(s.Client.Get(s.Other.Port(9090)), s.Client.Get(s.Nodes[1].Pod(9).Port(8080)))
		s.Reject(build.Arrive, build.TCPReset, func(p build.Packet) bool { return p.Dst == s.Other.Port(8080) })
		k := s.Client.Dial(s.Web.VIP())
		where := rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP(), Backend: s.Other.Port(8080)}
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: k.Client.Local, Service: where.Service, Backend: where.Backend, Outcome: "refused"})
		s.Expect("cni-reject", where)
		s.Truth.Layer = rules.LayerCNI
		s.Allow("app-refused") // where a filter hides the other pods
		s.Forbid("svc-no-endpoints")
	},
}

var appRefusedRoutes = Case{
	Name:  "app-refused-routes",
	About: "The look-alike: the pod itself refuses, and its RST has passed its node as all of its packets do.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		s.Other.Refuse(8080)
		s.Shown(s.Client.Get(s.Nodes[1].Pod(9).Port(8080)))
		k := s.Client.Dial(s.Web.VIP())
		s.Shown(k)
		s.Expect("app-refused", place(k))
		s.Truth.Layer = rules.LayerApp
		s.Forbid("cni-reject", "svc-no-endpoints")
	},
}

var cniRejectPortRoutes = Case{
	Name: "cni-reject-port-routes",
	About: "A policy on the pod's node refuses with port-unreachable what comes for it, already translated on another node, which is not captured: the pod " +
		"beside it, behind a port of the same bridge, shows that the address is a pod's and no Service's.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		s.Only(s.Nodes[1])
		open := s.Nodes[1].Pod(9)
		s.Shown(s.Client.Get(open.Port(8080)))
		s.Reject(build.Arrive, build.PortUnreachable, func(p build.Packet) bool { return p.Dst == s.Other.Port(8080) })
		for range 3 {
			s.Client.Dial(s.Web.VIP())
		}
		s.Expect("cni-reject", rules.Place{Client: s.Client.Addr(), Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("svc-no-endpoints", "app-refused")
	},
}
