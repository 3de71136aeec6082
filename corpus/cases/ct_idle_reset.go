package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

// No rule names these yet. They look like a backend that was replaced, and it was not.

var ctIdleResetIpvs = Case{
	Name: "ct-idle-reset-ipvs",
	About: "IPVS forgets a connection after 15 idle minutes, and the node resets it at its next request: the backend lives, and answers " +
		"somebody else throughout.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.IPVS})
		k, other := s.Client.Dial(s.Web.VIP()), s.Same.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		for range 16 {
			other.Send(40)
			other.Reply(90)
			s.Wait(time.Minute)
		}
		lost := s.Drop(build.Forward, func(p build.Packet) bool { return p.Src == k.Client.Local })
		k.Client.Data(68)
		k.ResetByNode(s.Nodes[0])
		lost.Heal()
		s.Wait(time.Second)
		other.Send(40)
		other.Reply(90)
		other.Close()
		s.Shown(k, other)
		s.Truth.LayerOpen = true
		s.Forbid("ct-stale-reset", "ct-stale-blackhole", "app-refused", "svc-no-endpoints")
	},
}

var ctIdleResetAlone = Case{
	Name:  "ct-idle-reset-alone",
	About: "As ct-idle-reset-ipvs, but nobody else calls the backend before the client comes again, at once, and is answered by it.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.IPVS})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(16 * time.Minute)
		lost := s.Drop(build.Forward, func(p build.Packet) bool { return p.Src == k.Client.Local })
		k.Client.Data(68)
		k.ResetByNode(s.Nodes[0])
		lost.Heal()
		s.Wait(time.Second)
		s.Shown(k, s.Client.Get(s.Web.VIP()))
		s.Truth.LayerOpen = true
		s.Forbid("ct-stale-reset", "ct-stale-blackhole", "app-refused", "svc-no-endpoints")
	},
}

var appBacklogReset = Case{
	Name: "app-backlog-reset",
	About: "The server's kernel acknowledges a SYN, but its listen queue is full: the client's first data is answered by a bare RST. The " +
		"backend had never taken part in that connection, and was not replaced.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		ok := s.Client.Get(s.Web.VIP())
		k := s.Client.Dial(s.Web.VIP())
		k.Server.Forget()
		k.Send(68)
		s.Wait(time.Second)
		s.Shown(ok, k)
		s.Truth.LayerOpen = true
		s.Forbid("ct-stale-reset", "app-refused", "ct-invalid-reset")
	},
}
