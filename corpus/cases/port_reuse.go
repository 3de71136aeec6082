package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var portReuse = Case{
	Name:  "port-reuse",
	About: "The same client port again, for a second connection to the same Service.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		first := s.Dial(s.Client, s.Web.VIP(), build.Dialer{Port: 40123})
		first.Send(68)
		first.Reply(190)
		first.Close()
		s.Wait(61 * time.Second)
		second := s.Dial(s.Client, s.Web.VIP(), build.Dialer{Port: 40123})
		second.Send(68)
		second.Reply(190)
		second.Close()
		s.Shown(first, second)
		s.Healthy()
	},
}
