package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsNodePort = Case{
	Name: "dns-nodeport",
	About: "A pod asks DNS at a node's port 30001, behind which pods listen on 5353: no packet has port 53. Two queries are lost on the " +
		"node, before any other shows what that port is.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.DNS.NodePort(30001).Endpoints(s.DNSPod.Port(5353))
		server := s.DNS.On(s.Nodes[0])
		r := s.Client.Resolver(server)
		s.Drop(build.Forward, func(p build.Packet) bool { return p.UDP && p.Src.Addr() == s.Client.Addr() }).Times(2)
		s.Asked(r.Lookup("web"))
		for range 4 {
			s.Wait(time.Second)
			s.Asked(r.Lookup("web"))
		}
		s.Expect("dns-intermittent-timeout", rules.Place{Client: s.Client.Addr(), Server: server})
		s.Truth.Layer = rules.LayerDNS
		s.Allow("dns-slow", "svc-snat-client-lost")
	},
}
