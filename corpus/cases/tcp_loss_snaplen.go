package cases

import "github.com/netsift/netsift/corpus/build"

var tcpLossSnaplen = Case{
	Name:  "tcp-loss-snaplen",
	About: "With the same snaplen, losses are losses.",
	Script: func(s *Scene) {
		tcpLoss.Script(s)
		s.Forms["node1"] = build.Form{Snaplen: 116}
		s.Forms["node2"] = build.Form{Snaplen: 116}
	},
}
