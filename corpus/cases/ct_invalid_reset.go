package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var ctInvalidReset = Case{
	Name:  "ct-invalid-reset",
	About: "A stray reply counts as INVALID and reaches the client untranslated: the client answers RST to an address it never called.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(200 * time.Millisecond)
		k.Server.Stray(54)
		s.Wait(200 * time.Millisecond)
		k.Server.Forget() // the client's RST ended the server's side
		k.Send(49)
		s.Shown(k)
		s.Expect("ct-invalid-reset", place(k))
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "ct-stale-reset")
	},
}
