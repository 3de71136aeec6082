package cases

import "github.com/netsift/netsift/analyze/fact"

var takenOutsideSnat = Case{
	Name:  "taken-outside-snat",
	About: "A NodePort that hides its client's address, with a capture of that client's own: a machine is no node for being captured on.",
	Script: func(s *Scene) {
		svcSnatClientLost.Script(s)
		s.Also("outside", s.Outside)
		s.Is(fact.RoleUnknown, s.Outside)
	},
}
