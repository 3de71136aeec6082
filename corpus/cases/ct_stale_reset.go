package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var ctStaleReset = Case{
	Name:  "ct-stale-reset",
	About: "The backend was replaced by a pod with the same address, which knows nothing of the old connection and answers RST.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(10 * time.Second)
		s.Other.Replace()
		s.Wait(3 * time.Second)
		k.Send(68)
		s.Shown(k, s.Client.Get(s.Web.VIP()))
		s.Expect("ct-stale-reset", place(k))
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "svc-no-endpoints")
	},
}
