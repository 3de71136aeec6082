package cases

import "github.com/netsift/netsift/corpus/build"

var dnsCutShort = Case{
	Name:  "dns-cut-short",
	About: "Timeouts cut the walk short, and the bare name that glibc then tries does not exist: the timeout is the cause.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		lost := s.Drop(build.Arrive, func(p build.Packet) bool { return p.UDP && p.Dst.Port() == 53 })
		lost.Times(4)
		r := s.Client.Resolver(s.DNS.VIP())
		l := r.Lookup("web")
		l.Outcome = "nxdomain" // the last word
		s.Asked(l)
		s.Truth.LayerOpen = true
		s.Allow("dns-no-response", "dns-intermittent-timeout", "dns-slow", "cni-no-reply")
		s.Forbid("dns-nxdomain")
	},
}
