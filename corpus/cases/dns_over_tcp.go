package cases

import "github.com/netsift/netsift/corpus/build"

var dnsOverTCP = Case{
	Name:  "dns-over-tcp",
	About: "A program that asks over TCP from the beginning falls back to nothing.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.DNS.VIP())
		q := query("web.default.svc.cluster.local")
		k.SendBytes(append([]byte{0, byte(len(q))}, q...))
		k.Reply(120)
		k.CloseByClient()
		s.Shown(k)
		s.Healthy()
	},
}
