package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var clocksFar = Case{
	Name: "clocks-far",
	About: "Two nodes with one clock, 60 ms apart by the wire: packets of either direction alone would say that their clocks differ by " +
		"as much.",
	Script: func(s *Scene) {
		s.Start(build.Options{Distance: 60 * time.Millisecond})
		for range 20 {
			s.Shown(s.Client.Get(s.Web.VIP()))
			s.Wait(5 * time.Second)
		}
		s.Forbid("cap-clock-offset", "cap-clock-set")
		s.Healthy()
	},
}
