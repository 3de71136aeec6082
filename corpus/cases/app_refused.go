package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var appRefused = Case{
	Name:  "app-refused",
	About: "Nothing listens on the backend's port: the pod itself answers RST.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Other.Refuse(8080)
		a, b := s.Client.Dial(s.Web.VIP()), s.Client.Dial(s.Web.VIP())
		s.Shown(a, b, s.Client.Get(s.Other.Port(9090)))
		s.Expect("app-refused", place(a))
		s.Truth.Layer = rules.LayerApp
		s.Forbid("svc-no-endpoints", "ct-stale-reset")
	},
}
