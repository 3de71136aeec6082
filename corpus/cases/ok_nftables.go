package cases

import "github.com/netsift/netsift/corpus/build"

var okNftables = Case{
	Name:  "ok-nftables",
	About: "kube-proxy in nftables mode.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.NFTables})
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))
		s.Healthy()
	},
}
