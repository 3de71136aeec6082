package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// upload sends much from a pod to a machine outside, by way of a router that carries less than the nodes believe.
func upload(s *Scene) *build.Conn {
	s.Shown(s.Client.Get(s.Web.VIP()))
	k := s.Client.Dial(s.Outside.Port(443))
	k.Send(30000)
	return k
}

var cniPTBLost = Case{
	Name:  "cni-ptb-lost",
	About: "A router tells that a pod's packets are too big; a rule on the pod's node drops ICMP that is forwarded, and the pod never shrinks them.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW, PathMTU: 1400})
		s.Drop(build.Arrive, func(p build.Packet) bool { return !p.TCP && !p.UDP })
		k := upload(s)
		s.Expect("cni-ptb-lost", rules.Place{Client: s.Client.Addr(), Backend: k.Called})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-df-drop", "cni-mtu-blackhole", "tcp-loss")
	},
}

var cniPTBLostUntranslated = Case{
	Name: "cni-ptb-lost-untranslated",
	About: "The same in a cluster with a tunnel, and the error quotes the packet with the node's address: conntrack calls it INVALID and leaves it alone, " +
		"so that it is the node's.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve, PathMTU: 1400})
		s.Drop(build.Conntrack, func(p build.Packet) bool { return !p.TCP && !p.UDP })
		s.Shown(s.Client.Get(s.Same.Port(8080)))
		k := s.Client.Dial(s.Outside.Port(443))
		k.Send(30000)
		s.Only(s.Nodes[0])
		s.Expect("cni-ptb-lost", rules.Place{Client: s.Client.Addr(), Backend: k.Called})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-df-drop", "cni-mtu-blackhole", "tcp-loss")
	},
}

var cniPTBLostTunnel = Case{
	Name:  "cni-ptb-lost-tunnel",
	About: "A router tells a node that its tunnel's packets are too big, and the node does not tell the pod inside. The error quotes no more than the outer header.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.VXLAN4789, PathMTU: 1450, NoOffload: true})
		s.Shown(s.Client.Get(s.Same.Port(8080)))
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(30000)
		s.Shown(k)
		s.Expect("cni-ptb-lost", rules.Place{Client: s.Client.Addr(), Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-df-drop", "cni-mtu-blackhole", "cni-mss-too-big", "tcp-loss")
	},
}

var ptbHeard = Case{
	Name:  "ptb-heard",
	About: "The look-alike: the same router, and the error reaches the pod, which makes its packets smaller.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW, PathMTU: 1400})
		k := upload(s)
		k.Reply(190)
		k.Close()
		s.Shown(k)
		s.Truth.LayerOpen = true
		s.Expect("cni-df-drop", rules.Place{Client: s.Client.Addr()}).Severity = rules.Info
		s.Forbid("cni-ptb-lost", "cni-mtu-blackhole")
	},
}
