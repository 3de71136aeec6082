package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var clocksDrift = Case{
	Name:  "clocks-drift",
	About: "The second node's clock is 2 s ahead and gains 80 microseconds a second on the first one's, as a clock does that nobody sets.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Shift(2 * time.Second)
		s.Nodes[1].SetDrift(80)
		for range 30 {
			s.Shown(s.Client.Get(s.Web.VIP()))
			s.Wait(10 * time.Second)
		}
		s.Expect("cap-clock-offset", rules.Place{})
		s.Healthy()
	},
}
