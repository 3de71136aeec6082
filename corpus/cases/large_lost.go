package cases

import "github.com/netsift/netsift/corpus/build"

var largeLost = Case{
	Name:  "large-lost",
	About: "A large packet is lost four times over, and passes the fifth time with the same size: loss, and no MTU.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Drop(build.Uplink, func(p build.Packet) bool { return p.Payload > 1000 }).Times(4)
		k := s.Client.Dial(s.Web.VIP())
		k.Send(5000)
		k.Reply(200)
		k.Close()
		s.Shown(k)
		s.Allow("tcp-loss")
		s.Truth.LayerOpen = true
		s.Forbid("cni-mtu-blackhole", "ct-stale-blackhole")
	},
}
