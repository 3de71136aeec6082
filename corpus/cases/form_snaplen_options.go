package cases

import "github.com/netsift/netsift/corpus/build"

var formSnaplenOptions = Case{
	Name:  "form-snaplen-options",
	About: "On the uplink alone, a snaplen of 116 ends inside of the TCP options of what the tunnel carries: acknowledgements carry no data for that.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Other.Port(8080)) // the uplink does not show what a Service was called
		k.Send(40000)
		k.Reply(300000)
		k.Close()
		s.Shown(k)
		s.Healthy()
		s.Forms["node1"] = build.Form{Snaplen: 116, Interface: "eth0"}
		s.Forms["node2"] = build.Form{Snaplen: 116, Interface: "eth0"}
	},
}
