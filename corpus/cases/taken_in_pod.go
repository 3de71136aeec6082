package cases

import "github.com/netsift/netsift/analyze/fact"

var takenInPod = Case{
	Name:  "taken-in-pod",
	About: "All is well, and the client pod is captured in, too: its interface begins the way that the node's end of it goes on with.",
	Script: func(s *Scene) {
		okVxlan.Script(s)
		s.Also("pod", s.Client)
		s.Is(fact.RolePod, s.Client, s.Other)
	},
}
