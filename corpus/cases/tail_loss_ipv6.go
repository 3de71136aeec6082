package cases

import "github.com/netsift/netsift/corpus/build"

var tailLossIpv6 = Case{
	Name: "tail-loss-ipv6",
	About: "The end of a response is lost, with IPv6 and without TCP timestamps: nothing in the probe that follows says whether it was sent " +
		"again or is seen again.",
	Script: func(s *Scene) {
		s.Start(build.Options{IPv6: true})
		s.Drop(build.Uplink, func(p build.Packet) bool { return p.TCP && p.Payload > 5000 }).Times(1)
		k := s.Dial(s.Client, s.Web.VIP(), build.Dialer{NoTimestamps: true})
		k.Send(68)
		k.Reply(6000)
		k.Close()
		s.Shown(k)
		s.Healthy()
	},
}
