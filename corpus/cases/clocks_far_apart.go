package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var clocksFarApart = Case{
	Name:  "clocks-far-apart",
	About: "The second node is 60 ms away by the wire, and its clock is 5 s ahead: by more than any packet takes.",
	Script: func(s *Scene) {
		s.Start(build.Options{Distance: 60 * time.Millisecond})
		s.Shift(5 * time.Second)
		for range 20 {
			s.Shown(s.Client.Get(s.Web.VIP()))
			s.Wait(5 * time.Second)
		}
		s.Expect("cap-clock-offset", rules.Place{})
		s.Healthy()
	},
}
