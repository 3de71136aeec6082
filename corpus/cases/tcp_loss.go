package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var tcpLoss = Case{
	Name:  "tcp-loss",
	About: "The network between the nodes loses every twentieth packet: real retransmissions in several connections.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		n := 0
		s.Drop(build.Uplink, func(p build.Packet) bool {
			if p.TCP && p.Payload > 0 {
				n++
			}
			return p.TCP && p.Payload > 0 && n%20 == 0
		})
		for range 4 {
			k := s.Client.Dial(s.Web.VIP())
			k.Send(68)
			k.Reply(150000)
			k.Close()
			s.Shown(k)
		}
		s.Expect("tcp-loss", rules.Place{Client: s.Client.Addr(), Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-mtu-blackhole", "ct-stale-blackhole")
	},
}
