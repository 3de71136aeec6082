package cases

import "github.com/netsift/netsift/corpus/build"

var dnsFirstCandidate = Case{
	Name:  "dns-first-candidate",
	About: "A name of the cluster that its first candidate finds, and one with a trailing dot: nothing is wasted.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		s.Asked(r.Lookup("web"), r.Lookup("api.example.com."))
		s.Healthy()
	},
}
