package cases

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/build"
)

var hostUnanswered = Case{
	Name: "host-unanswered",
	About: "A database in the nodes' own network, outside of the cluster, does not answer a pod. A Service has a backend in that network, too, " +
		"a kube-apiserver: that makes it no network of pods.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		apiserver, database := s.External("192.168.1.2"), s.External("192.168.1.77")
		api := s.Service("default/kubernetes", "10.96.0.1:443").Endpoints(apiserver.Port(6443))
		s.Drop(build.Uplink, func(p build.Packet) bool { return p.Dst.Addr() == database.Addr() })
		s.Shown(s.Client.Get(api.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Dial(database.Port(5432)), s.Client.Get(api.VIP()))
		s.Is(fact.RoleUnknown, apiserver, database)
		s.Forbid("svc-no-dnat", "svc-snat-client-lost", "app-refused")
	},
}
