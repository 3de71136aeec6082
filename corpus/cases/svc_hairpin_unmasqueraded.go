package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcHairpinUnmasqueraded = Case{
	Name:  "svc-hairpin-unmasqueraded",
	About: "Hairpin mode is on, and nobody masquerades: the pod gets a packet from its own address and drops it.",
	Script: func(s *Scene) {
		s.Start(build.Options{NoMasquerade: true})
		s.Web.Endpoints(s.Client.Port(8080))
		k := s.Client.Dial(s.Web.VIP())
		s.Shown(k)
		s.Expect("svc-hairpin-drop", rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Allow("cni-no-reply")
	},
}
