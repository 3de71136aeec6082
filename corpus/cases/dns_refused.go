package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsRefused = Case{
	Name:  "dns-refused",
	About: "The DNS server's pod lives, and nothing listens on port 53 in it: ICMP port-unreachable comes back by way of the Service.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.DNSPod.Refuse(53)
		s.Asked(s.Client.Resolver(s.DNS.VIP()).Lookup("web"))
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("dns-no-response", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerDNS
		s.Allow("app-refused")
		s.Forbid("svc-no-endpoints")
	},
}
