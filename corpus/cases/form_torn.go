package cases

import "github.com/netsift/netsift/corpus/build"

var formTorn = Case{
	Name:  "form-torn",
	About: "The captures were streamed, and the stream was interrupted: the last packet of each is torn off.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Same.Get(s.Web.VIP()) // ends in the torn packet
		for _, n := range s.Nodes {
			s.Forms[n.Name] = build.Form{Torn: true}
		}
		s.Healthy()
		s.Forbid("cap-damaged")
	},
}
