package cases

import "github.com/netsift/netsift/corpus/build"

var synLate = Case{
	Name:  "syn-late",
	About: "The first SYN is lost on the wire, and in another connection the first SYN-ACK: both are established a second late, and all their data arrives.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Drop(build.Uplink, func(p build.Packet) bool { return p.SYN && !p.ACK }).Times(1)
		a := s.Client.Get(s.Web.VIP())
		s.Drop(build.Uplink, func(p build.Packet) bool { return p.SYN && p.ACK }).Times(1)
		b := s.Client.Get(s.Web.VIP())
		s.Shown(a, b, s.Client.Get(s.Web.VIP()))
		s.Forbid("tcp-loss", "cni-no-reply")
	},
}
