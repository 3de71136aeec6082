package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsBackendSilent = Case{
	Name:  "dns-backend-silent",
	About: "Two DNS pods behind one Service, and one of them never answers: half of the lookups take five seconds more.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		second := s.Nodes[1].Pod(4)
		s.DNS.Endpoints(s.DNSPod.Port(53), second.Port(53))
		s.Drop(build.Bridge, func(p build.Packet) bool { return p.Dst.Addr() == second.Addr() })
		r := s.Client.Resolver(s.DNS.VIP())
		r.OnlyA = true
		for range 6 {
			r.Lookup("web.default.svc.cluster.local.")
			s.Wait(time.Second)
		}
		s.Expect("dns-no-response", rules.Place{Client: s.Client.Addr(), Backend: second.Port(53)})
		s.Truth.Layer = rules.LayerDNS
		s.Allow("dns-intermittent-timeout", "ct-stale-udp", "dns-slow", "cni-no-reply", "dns-nxdomain")
	},
}
