package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var ctStaleResetIpvs = Case{
	Name:  "ct-stale-reset-ipvs",
	About: "IPVS resets the connections of a removed backend itself (expire_nodest_conn).",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.IPVS})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(10 * time.Second)
		next := s.Nodes[1].Pod(9)
		s.Other.Remove()
		s.Web.Endpoints(next.Port(8080))
		lost := s.Drop(build.Forward, func(p build.Packet) bool { return p.Src == k.Client.Local })
		k.Client.Data(68)
		k.ResetByNode(s.Nodes[0])
		lost.Heal()
		s.Shown(k, s.Client.Get(s.Web.VIP()))
		s.Expect("ct-stale-reset", place(k))
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "svc-no-endpoints")
	},
}
