package cases

import "github.com/netsift/netsift/corpus/build"

var formPcapng = Case{
	Name:  "form-pcapng",
	About: "pcapng with nanoseconds.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Forms["node1"] = build.Form{Pcapng: true, Nanoseconds: true}
		s.Forms["node2"] = build.Form{Pcapng: true, Nanoseconds: true}
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()))
		s.Healthy()
	},
}
