package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcHairpinDrop = Case{
	Name:  "svc-hairpin-drop",
	About: "Hairpin mode is off: when a pod's own Service picks the pod itself, its packets vanish on the bridge.",
	Script: func(s *Scene) {
		s.Start(build.Options{NoHairpin: true})
		s.Web.Endpoints(s.Same.Port(8080), s.Client.Port(8080))
		good, bad := s.Client.Get(s.Web.VIP()), s.Client.Dial(s.Web.VIP())
		s.Shown(good, s.Other.Get(s.Web.VIP()), s.Other.Get(s.Web.VIP())) // the second gets the pod that can't get itself
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: bad.Client.Local, Service: s.Web.VIP(), Outcome: "hang"})
		s.Expect("svc-hairpin-drop", rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Allow("cni-no-reply")
	},
}
