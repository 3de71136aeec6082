package cases

import "github.com/netsift/netsift/corpus/build"

var formSnaplenOptions = Case{
	Name:  "form-snaplen-options",
	About: "A snaplen of 116 ends inside of the TCP options of what the tunnel carries: acknowledgements carry no data for that.",
	Script: func(s *Scene) {
		okBulk.Script(s)
		s.Forms["node1"] = build.Form{Snaplen: 116}
		s.Forms["node2"] = build.Form{Snaplen: 116}
		s.Allow("cap-snaplen")
	},
}
