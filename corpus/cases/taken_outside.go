package cases

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/build"
)

var takenOutside = Case{
	Name:  "taken-outside",
	About: "All is well, and a machine outside of the cluster is captured on, too: it calls a NodePort that keeps its address, and is called by a pod.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Also("outside", s.Outside)
		s.Web.NodePort(30080).Local()
		s.Shown(s.Get(s.Outside, s.Web.On(s.Nodes[1])), s.Client.Get(s.Outside.Port(443)), s.Client.Get(s.Web.VIP()))
		s.Is(fact.RoleUnknown, s.Outside)
		s.Healthy()
	},
}
