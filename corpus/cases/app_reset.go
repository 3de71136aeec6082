package cases

import "github.com/netsift/netsift/corpus/build"

var appReset = Case{
	Name:  "app-reset",
	About: "The application aborts an established connection: no stale entry, no missing endpoint.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Server.Reset()
		s.Shown(k, s.Client.Get(s.Web.VIP()))
		s.Truth.LayerOpen = true
		s.Forbid("ct-stale-reset", "svc-no-endpoints", "app-refused", "ct-invalid-reset")
	},
}
