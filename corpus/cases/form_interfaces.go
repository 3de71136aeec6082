package cases

import "github.com/netsift/netsift/corpus/build"

var formInterfaces = Case{
	Name:  "form-interfaces",
	About: "pcapng as dumpcap writes it with several -i: each interface by its name, and with its own link type.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Forms["node1"] = build.Form{PerInterface: true}
		s.Forms["node2"] = build.Form{PerInterface: true}
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()))
		s.Healthy()
	},
}
