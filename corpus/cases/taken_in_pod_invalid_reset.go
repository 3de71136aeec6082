package cases

import "github.com/netsift/netsift/analyze/fact"

var takenInPodInvalidReset = Case{
	Name:  "taken-in-pod-invalid-reset",
	About: "A reply that stayed untranslated, with a capture in the client's pod: there the client's RST begins.",
	Script: func(s *Scene) {
		ctInvalidReset.Script(s)
		s.Also("pod", s.Client)
		s.Is(fact.RolePod, s.Client)
	},
}
