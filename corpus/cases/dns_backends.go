package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var dnsBackends = Case{
	Name:  "dns-backends",
	About: "Two DNS pods behind one Service, both in order: A and AAAA on their way to one of them are not lost while the other answers.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.DNS.Endpoints(s.DNSPod.Port(53), s.Nodes[1].Pod(4).Port(53))
		for range 6 {
			s.Asked(s.Client.Resolver(s.DNS.VIP()).Lookup("web"))
			s.Wait(300 * time.Millisecond)
		}
		s.Healthy()
	},
}
