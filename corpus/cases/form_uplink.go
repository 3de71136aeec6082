package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var formUplink = Case{
	Name:  "form-uplink",
	About: "Only the uplink, as Ethernet: the Service's address is nowhere to be seen.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Forms["node1"] = build.Form{Link: build.Ethernet, Interface: "eth0"}
		s.Forms["node2"] = build.Form{Link: build.Ethernet, Interface: "eth0"}
		k := s.Client.Get(s.Web.VIP())
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: k.Client.Local, Outcome: "ok"})
		s.Expect("cap-one-interface", rules.Place{})
		s.Healthy()
	},
}
