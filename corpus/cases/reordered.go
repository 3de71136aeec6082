package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var reordered = Case{
	Name: "reordered",
	About: "The network delivers every third segment late, behind thirty others, and loses none. The capture of the receiver's node alone shows holes that " +
		"are filled by earlier packets: nothing was sent again.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Only(s.Nodes[0])
		n := 0
		s.Delay(3*time.Millisecond, func(p build.Packet) bool {
			if p.Payload > 1000 {
				n++
			}
			return p.Payload > 1000 && n%3 == 0
		})
		for range 2 {
			k := s.Client.Dial(s.Web.VIP())
			k.Send(68)
			for range 5 {
				for range 40 {
					k.Server.Data(1300)
					s.Wait(100 * time.Microsecond)
				}
				s.Wait(5 * time.Millisecond)
				k.Client.Ack()
			}
			k.Close()
			s.Shown(k)
		}
		s.Healthy()
	},
}
