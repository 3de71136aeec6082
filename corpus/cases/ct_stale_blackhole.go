package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var ctStaleBlackhole = Case{
	Name:  "ct-stale-blackhole",
	About: "The backend is gone and an old connection still goes there, again and again; new ones reach another pod.",
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
		s.Shown(k, s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()))
		s.Expect("ct-stale-blackhole", place(k))
		s.Truth.Layer = rules.LayerService
		s.Forbid("cni-no-reply", "tcp-loss", "cni-mtu-blackhole")
	},
}
