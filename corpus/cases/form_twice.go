package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var formTwice = Case{
	Name:  "form-twice",
	About: "One of the captures was given twice, under two names, while a connection is refused: it is refused once.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Also("node1-again", s.Nodes[0])
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Web.Endpoints()
		k := s.Client.Get(s.Web.VIP())
		s.Shown(k)
		s.Expect("svc-no-endpoints", place(k))
		s.Expect("cap-copy", rules.Place{})
		s.Truth.Layer = rules.LayerService
	},
}
