package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var portChecks = Case{
	Name:  "port-checks",
	About: "A load balancer asks each two seconds whether a NodePort is open, and answers the SYN-ACK with a RST: it wanted no more.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.NodePort(30080).Local()
		for range 10 {
			s.Shown(s.Cluster.Dial(s.Outside, s.Web.On(s.Nodes[1]), build.Dialer{Check: true}))
			s.Wait(2 * time.Second)
		}
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Healthy()
	},
}

var impatient = Case{
	Name:  "impatient",
	About: "The look-alike: the SYN-ACK comes late, and the client has given up by then. That is no check, and nothing explains it.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Think(600 * time.Millisecond)
		k := s.Cluster.Dial(s.Client, s.Web.VIP(), build.Dialer{Check: true})
		k.End = build.Reset
		s.Shown(k)
		s.Healthy()
	},
}
