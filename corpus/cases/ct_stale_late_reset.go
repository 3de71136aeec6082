package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var ctStaleLateReset = Case{
	Name:  "ct-stale-late-reset",
	About: "First the resends vanish, then a pod with the same address comes up and answers RST: one cause.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(5 * time.Second)
		s.Other.Remove()
		k.Client.Data(68)
		for i := range 4 {
			s.Wait(204 * time.Millisecond << i)
			k.Client.Again(68)
		}
		s.Other.Replace()
		s.Wait(4 * time.Second)
		k.Client.Again(68)
		s.Shown(k)
		s.Expect("ct-stale-reset", place(k))
		s.Truth.Layer = rules.LayerService
		s.Forbid("ct-stale-blackhole", "tcp-loss", "app-refused")
	},
}
