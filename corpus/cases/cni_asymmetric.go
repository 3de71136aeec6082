package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniAsymmetric = Case{
	Name: "cni-asymmetric",
	About: "A node has lost its route into the tunnel to the other one's pods, and filters strictly: what comes from them out of the tunnel is dropped. " +
		"Its own pods' packets show that it sends by the uplink.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Nodes[1].Beside(s.Nodes[0])
		s.Nodes[1].Strict()
		local := s.Client.Get(s.Same.Port(8080))
		k := s.Client.Dial(s.Web.VIP())
		s.Nodes[1].Pod(20).Dial(s.Same.Port(8080))
		s.Shown(local, k)
		s.Expect("cni-asymmetric", place(k))
		s.Truth.Layer = rules.LayerCNI
		s.Allow("cni-no-reply")
		s.Forbid("svc-no-dnat", "cni-tunnel-oneway", "tcp-loss")
	},
}

var cniAsymmetricReplies = Case{
	Name:  "cni-asymmetric-replies",
	About: "Answers leave beside the tunnel, with IPv6 in Geneve, and the clients' node filters strictly: they come in by its uplink and end there.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve, IPv6: true})
		s.Nodes[1].Beside(s.Nodes[0])
		s.Nodes[0].Strict()
		k := s.Client.Dial(s.Web.VIP())
		s.Shown(s.Client.Get(s.Same.Port(8080)), k)
		s.Expect("cni-asymmetric", place(k))
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-no-reply", "cni-tunnel-oneway", "tcp-loss")
	},
}

var cniAsymmetricAlone = Case{
	Name:  "cni-asymmetric-alone",
	About: "The same with IP in IP, and only the backends' node was captured: requests come by the tunnel, answers leave beside it again and again.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		s.Nodes[1].Beside(s.Nodes[0])
		s.Nodes[0].Strict()
		s.Client.Dial(s.Web.VIP())
		s.Nodes[1].Pod(20).Get(s.Other.Port(8080))
		s.Only(s.Nodes[1])
		s.Expect("cni-asymmetric", rules.Place{Client: s.Client.Addr(), Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-no-reply", "cni-tunnel-oneway", "tcp-loss")
	},
}

var asymmetricWorks = Case{
	Name:  "asymmetric-works",
	About: "The look-alike: the same ways, and nobody filters. A policy drops what one client sends to another pod, and that has nothing to do with it.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Nodes[1].Beside(s.Nodes[0])
		quiet := s.Nodes[1].Pod(9)
		s.Drop(build.Arrive, func(p build.Packet) bool { return p.Dst.Addr() == quiet.Addr() })
		for range 3 {
			s.Shown(s.Client.Get(s.Web.VIP()))
			s.Wait(time.Second)
		}
		k := s.Client.Dial(quiet.Port(8080))
		s.Shown(k)
		s.Expect("cni-no-reply", place(k))
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-asymmetric", "cni-tunnel-oneway")
	},
}
