package cases

import "github.com/netsift/netsift/analyze/fact"

var takenInPodHairpinDrop = Case{
	Name:  "taken-in-pod-hairpin-drop",
	About: "A hairpin that is dropped, with a capture in the pod: there the packet leaves, untranslated as it has to be.",
	Script: func(s *Scene) {
		svcHairpinDrop.Script(s)
		s.Also("pod", s.Client)
		s.Is(fact.RolePod, s.Client)
		s.Forbid("svc-no-dnat")
	},
}
