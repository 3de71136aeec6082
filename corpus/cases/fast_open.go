package cases

import "github.com/netsift/netsift/corpus/build"

var fastOpen = Case{
	Name:  "fast-open",
	About: "TCP Fast Open: data in the SYN, which a retransmission would look like.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Dial(s.Client, s.Web.VIP(), build.Dialer{FastOpen: 100})
		k.Reply(190)
		k.Close()
		s.Shown(k)
		s.Healthy()
	},
}
