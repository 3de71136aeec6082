package cases

import "github.com/netsift/netsift/corpus/build"

var okEbpf = Case{
	Name:  "ok-ebpf",
	About: "Cilium translates in connect(2): no packet carries a Service address, and nothing is wrong.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.EBPF})
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))
		s.Healthy()
	},
}
