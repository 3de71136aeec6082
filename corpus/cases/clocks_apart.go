package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var clocksApart = Case{
	Name:  "clocks-apart",
	About: "The second node's clock is 37.4 s ahead.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Shift(37400 * time.Millisecond)
		for range 5 {
			s.Shown(s.Client.Get(s.Web.VIP()))
			s.Wait(time.Second)
		}
		s.Expect("cap-clock-offset", rules.Place{})
		s.Healthy()
	},
}
