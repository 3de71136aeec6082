package cases

import (
	"net/netip"
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniNeighbourUnanswered = Case{
	Name:  "cni-neighbour-unanswered",
	About: "A pod asks for its gateway by ARP and gets no answer: nothing of it leaves. The same gateway answers another pod.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Only(s.Nodes[0])
		s.Unanswered(func(who, _ netip.Addr) bool { return who == s.Client.Addr() })
		s.Shown(s.Same.Get(s.Web.VIP()))
		s.Client.Dial(s.Web.VIP())
		s.Shown(s.Same.Get(s.Web.VIP()))
		s.Expect("cni-neighbour-unanswered", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerCNI
	},
}

var cniNeighbourUnansweredCalico = Case{
	Name:  "cni-neighbour-unanswered-calico",
	About: "Proxy ARP is off on the interface of Calico's pod: nobody answers for 169.254.1.1.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		s.Unanswered(func(who, _ netip.Addr) bool { return who == s.Client.Addr() })
		s.Shown(s.Same.Get(s.Web.VIP()))
		s.Client.Dial(s.Web.VIP())
		s.Expect("cni-neighbour-unanswered", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerCNI
	},
}

var cniNeighbourUnansweredNode = Case{
	Name: "cni-neighbour-unanswered-node",
	About: "Plain routes: a node asks for the next one on the nodes' network, and gets no answer. It says host unreachable of the pods behind it; " +
		"a third node answers.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW, Nodes: 3})
		s.Only(s.Nodes[0])
		far := s.Nodes[2].Pod(4)
		s.Unanswered(func(_, whom netip.Addr) bool { return whom == s.Nodes[1].Addr() })
		s.Shown(s.Client.Get(far.Port(8080)))
		k := s.Client.Dial(s.Other.Port(8080))
		s.Shown(k, s.Client.Get(far.Port(8080)))
		s.Expect("cni-neighbour-unanswered", rules.Place{Backend: k.Called})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-reject", "cni-no-reply")
	},
}

var cniNeighbourUnansweredTunnel = Case{
	Name: "cni-neighbour-unanswered-tunnel",
	About: "A node asks for the far end of its tunnel, and gets no answer: what goes into the tunnel device never leaves the uplink. The tunnel to a third " +
		"node works.",
	Script: func(s *Scene) {
		s.Start(build.Options{Nodes: 3})
		s.Only(s.Nodes[0])
		far := s.Nodes[2].Pod(4)
		s.Unanswered(func(_, whom netip.Addr) bool { return whom == s.Nodes[1].Addr() })
		s.Shown(s.Client.Get(far.Port(8080)))
		k := s.Client.Dial(s.Other.Port(8080))
		s.Shown(k, s.Client.Get(far.Port(8080)))
		s.Expect("cni-neighbour-unanswered", rules.Place{Backend: k.Called})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-no-reply", "cni-tunnel-oneway")
	},
}

var cniNeighbourUnansweredPod = Case{
	Name:  "cni-neighbour-unanswered-pod",
	About: "A node asks for its pod by IPv6 and gets no answer, though the pod is alive: it calls another pod of its node meanwhile.",
	Script: func(s *Scene) {
		s.Start(build.Options{IPv6: true})
		s.Shown(s.Other.Get(s.DNSPod.Port(8181)))
		s.Unanswered(func(_, whom netip.Addr) bool { return whom == s.Other.Addr() })
		begin := s.Now()
		k := s.Client.Dial(s.Other.Port(8080))
		end := s.Now()
		s.At(begin + 2*time.Second)
		s.Shown(s.Other.Get(s.DNSPod.Port(8181)))
		s.At(end)
		s.Shown(k, s.Client.Get(s.DNSPod.Port(8181)))
		s.Expect("cni-neighbour-unanswered", rules.Place{Backend: k.Called})
		s.Truth.Layer = rules.LayerCNI
		s.Allow("cni-reject")
	},
}

var cniNeighbourGone = Case{
	Name:  "cni-neighbour-gone",
	About: "The look-alike: the pod that its node asks for is gone. Before, it answered; since, nothing is heard of it.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Shown(s.Client.Get(s.Other.Port(8080)), s.Other.Get(s.DNSPod.Port(8181)))
		s.Wait(time.Minute)
		s.Other.Remove()
		s.Unanswered(func(_, whom netip.Addr) bool { return whom == s.Other.Addr() })
		k := s.Client.Dial(s.Other.Port(8080))
		s.Shown(k, s.Client.Get(s.DNSPod.Port(8181)))
		s.Expect("cni-reject", place(k))
		s.Truth.Layer = rules.LayerCNI
		s.Allow("cni-no-reply")
		s.Forbid("cni-neighbour-unanswered")
	},
}
