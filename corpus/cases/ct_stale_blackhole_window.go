package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var ctStaleBlackholeWindow = Case{
	Name: "ct-stale-blackhole-window",
	About: "The backend went while its connection was idle. All that others called after that, elsewhere, was over before the connection sent " +
		"again, into the void.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(2 * time.Second)
		next := s.Nodes[1].Pod(9)
		s.Other.Remove()
		s.Web.Endpoints(next.Port(8080))
		s.Wait(2 * time.Second)
		g := s.Client.Get(s.Web.VIP())
		s.Wait(20 * time.Second)
		k.Send(68)
		s.Shown(k, g)
		s.Expect("ct-stale-blackhole", place(k))
		s.Truth.Layer = rules.LayerService
		s.Forbid("cni-no-reply", "tcp-loss", "cni-mtu-blackhole")
	},
}

var ctStaleBlackholeAlone = Case{
	Name: "ct-stale-blackhole-alone",
	About: "As ct-stale-blackhole, and the client's next connection goes to another backend and stays open: there is nobody else, and nothing " +
		"that ended.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(5 * time.Second)
		next := s.Nodes[1].Pod(9)
		s.Other.Remove()
		s.Web.Endpoints(next.Port(8080))
		k.Send(68)
		again := s.Client.Dial(s.Web.VIP())
		again.Send(68)
		again.Reply(190)
		s.Shown(k, again)
		s.Expect("ct-stale-blackhole", place(k))
		s.Truth.Layer = rules.LayerService
		s.Forbid("cni-no-reply", "tcp-loss", "cni-mtu-blackhole")
	},
}

var ctBackendHangs = Case{
	Name: "ct-backend-hangs",
	About: "The look-alike: one of two backends hangs, for old connections and for new ones alike. It is an endpoint still: that is nothing that " +
		"conntrack would have kept.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		next := s.Nodes[1].Pod(9)
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(time.Second)
		s.Web.Endpoints(s.Other.Port(8080), next.Port(8080))
		s.Drop(build.InPod, func(p build.Packet) bool { return p.Dst.Addr() == s.Other.Addr() })
		lost := s.Client.Dial(s.Web.VIP())
		ok := s.Client.Get(s.Web.VIP())
		k.Send(68)
		s.Shown(k, lost, ok)
		s.Truth.LayerOpen = true
		s.Expect("cni-no-reply", place(lost))
		s.Allow("tcp-loss")
		s.Forbid("ct-stale-blackhole", "ct-stale-reset")
	},
}
