package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var formSnaplen = Case{
	Name:  "form-snaplen",
	About: "A snaplen of 96: in the tunnel the TCP header ends before its sequence number.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Forms["node1"] = build.Form{Snaplen: 96}
		s.Forms["node2"] = build.Form{Snaplen: 96}
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()))
		s.Expect("cap-snaplen", rules.Place{})
		s.Healthy()
	},
}
