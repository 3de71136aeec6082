package cases

import "github.com/netsift/netsift/corpus/build"

var dnsUpkeep = Case{
	Name:  "dns-upkeep",
	About: "CoreDNS looks for a loop in its forwarding, with a query for a name that nobody has: no lookup, and no program's mistake.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Asked(s.Client.Resolver(s.DNS.VIP()).Lookup("web"))
		s.Upkeep(s.DNSPod, s.Outside)
		s.Asked(s.Client.Resolver(s.DNS.VIP()).Lookup("web"))
		s.Healthy()
	},
}
