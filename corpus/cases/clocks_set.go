package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var clocksSet = Case{
	Name:  "clocks-set",
	About: "Five hours are taken off the node's clock in the midst of a capture, before a refused connection and a healthy one.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Only(s.Nodes[0])
		for range 4 {
			s.Shown(s.Client.Get(s.Web.VIP()))
			s.Wait(time.Second)
		}
		s.Nodes[0].TurnClock(int64(-5 * time.Hour))
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Wait(time.Second)
		s.Web.Endpoints()
		k := s.Client.Get(s.Web.VIP())
		s.Shown(k)
		s.Expect("svc-no-endpoints", place(k))
		s.Expect("cap-clock-set", rules.Place{})
		s.Truth.Layer = rules.LayerService
	},
}
