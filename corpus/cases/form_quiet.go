package cases

import "github.com/netsift/netsift/corpus/build"

var formQuiet = Case{
	Name: "form-quiet",
	About: "Taken without a filter, for a few seconds in which no node asked for a neighbour: one pod's requests to another of its node are all " +
		"that there is.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Only(s.Nodes[0])
		s.Forms["node1"] = build.Form{Filter: func(data []byte) bool { return data[0]>>4 == 4 }}
		s.Web.Endpoints(s.Same.Port(8080))
		for range 4 {
			s.Shown(s.Client.Get(s.Web.VIP()))
		}
		s.Healthy()
		s.Forbid("cap-filtered")
	},
}
