package cases

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcNoEndpointsNodeport = Case{
	Name:  "svc-no-endpoints-nodeport",
	About: "A NodePort without endpoints is refused by the node. The cluster's range of NodePorts is not the default one.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.NodePorts = fact.PortRange{First: 20000, Last: 32767}
		none := s.Service("default/none", "10.96.0.60:80").NodePort(20080)
		called := none.On(s.Nodes[0])
		s.Shown(s.Client.Get(s.Web.VIP()), s.Outside.Dial(called), s.Outside.Dial(called))
		s.Expect("svc-no-endpoints", rules.Place{Client: s.Outside.Addr(), Service: called}).Severity = rules.Critical
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "cni-reject", "svc-local-no-endpoint")
	},
}
