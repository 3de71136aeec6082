package cases

import "github.com/netsift/netsift/corpus/build"

var okVxlan = Case{
	Name:  "ok-vxlan",
	About: "flannel with VXLAN on port 8472, kube-proxy in iptables mode, a Service across nodes: all is well.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))
		s.Healthy()
	},
}
