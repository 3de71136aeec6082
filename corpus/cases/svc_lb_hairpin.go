package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var svcLBHairpin = Case{
	Name:  "svc-lb-hairpin",
	About: "A pod calls a load balancer that keeps its clients' addresses. Each second time that chooses the pod's own node, which gets its own address from outside.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.NodePort(30080)
		lb := s.Balancer("192.168.1.200:443", 30080, s.Nodes[0], s.Nodes[1])
		for i := range 6 {
			k := s.Client.Dial(lb.At())
			if i%2 == 1 {
				k.Send(68)
				k.Reply(190)
				k.Close()
			}
			s.Wait(time.Second)
		}
		s.Expect("svc-lb-hairpin", rules.Place{Client: s.Client.Addr(), Service: lb.At()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("cni-no-reply", "svc-no-dnat", "svc-hairpin-drop", "cni-routing-loop", "cni-asymmetric")
	},
}

var svcLBHairpinPlain = Case{
	Name:  "svc-lb-hairpin-plain",
	About: "The node itself calls a load balancer that sends packets on as they are (direct server return), and has this node as its only target.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		s.Shown(s.Client.Get(s.Web.VIP()))
		lb := s.Balancer("192.168.1.200:443", 30080, s.Nodes[0])
		lb.Plain = true
		for range 3 {
			s.Nodes[0].Dial(lb.At())
		}
		s.Only(s.Nodes[0])
		s.Expect("svc-lb-hairpin", rules.Place{Client: s.Nodes[0].Addr(), Service: lb.At()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("cni-no-reply", "svc-no-dnat", "svc-hairpin-drop", "cni-routing-loop", "cni-asymmetric")
	},
}

var lbElsewhere = Case{
	Name:  "lb-elsewhere",
	About: "The look-alike: the load balancer chooses the other node, and there a policy drops the SYNs. Other calls to it work.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.NodePort(30080)
		lb := s.Balancer("192.168.1.200:443", 30080, s.Nodes[1])
		k := s.Client.Dial(lb.At())
		k.Send(68)
		k.Reply(190)
		k.Close()
		s.Drop(build.Bridge, func(p build.Packet) bool { return p.Dst.Port() == 8080 })
		s.Client.Dial(lb.At())
		s.Truth.LayerOpen = true
		s.Allow("cni-no-reply")
		s.Forbid("svc-lb-hairpin", "svc-hairpin-drop", "cni-routing-loop", "cni-asymmetric")
	},
}
