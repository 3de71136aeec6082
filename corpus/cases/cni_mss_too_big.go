package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// small is five short exchanges with a Service, and one of the nodes with each other.
func small(s *Scene) {
	for range 5 {
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Wait(time.Second)
	}
	s.Shown(s.Get(s.Nodes[0], s.Nodes[1].Port(10250)))
}

var cniMSSTooBig = Case{
	Name:  "cni-mss-too-big",
	About: "Pods have the MTU of the network between the nodes, as if there were no tunnel. Only short messages went so far.",
	Script: func(s *Scene) {
		s.Start(build.Options{PodMTU: 1500, TunnelMTU: 1450})
		small(s)
		s.Expect("cni-mss-too-big", rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP()}).Severity = rules.Warning
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-mtu-blackhole", "cni-mtu-overrun", "tcp-loss")
	},
}

var cniMSSTooBigAlone = Case{
	Name:  "cni-mss-too-big-alone",
	About: "The same with IPv6 in Geneve, and only the node of the backends was captured.",
	Script: func(s *Scene) {
		s.Start(build.Options{PodMTU: 1500, TunnelMTU: 1442, CNI: build.Geneve, IPv6: true})
		small(s)
		s.Only(s.Nodes[1])
		s.Truth.Connections = nil
		s.Expect("cni-mss-too-big", rules.Place{Client: s.Client.Addr(), Backend: s.Other.Port(8080)}).Severity = rules.Warning
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-mtu-blackhole", "cni-mtu-overrun", "tcp-loss")
	},
}

var mssJumbo = Case{
	Name:  "mss-jumbo",
	About: "The look-alike: pods announce the same, and the network between the nodes carries it in the tunnel, too.",
	Script: func(s *Scene) {
		s.Start(build.Options{PodMTU: 1500, UplinkMTU: 1600})
		small(s)
		s.Healthy()
	},
}

var mssClamped = Case{
	Name:  "mss-clamped",
	About: "The look-alike: pods announce what the tunnel can't carry, and their node lowers it on the way.",
	Script: func(s *Scene) {
		s.Start(build.Options{PodMTU: 1500, TunnelMTU: 1480, CNI: build.IPIP, ClampMSS: true})
		small(s)
		s.Healthy()
	},
}

var mssLargePasses = Case{
	Name:  "mss-large-passes",
	About: "The look-alike: one node announces a small MSS to the other by a route of its own, and yet long packets pass between their pods.",
	Script: func(s *Scene) {
		s.Start(build.Options{PodMTU: 1500, UplinkMTU: 9000})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(30000)
		k.Close()
		s.Shown(k)
		k = s.Cluster.Dial(s.Nodes[0], s.Nodes[1].Port(10250), build.Dialer{MSS: 1460})
		k.Send(68)
		k.Close()
		s.Healthy()
	},
}

var mssOfPods = Case{
	Name:  "mss-of-pods",
	About: "The look-alike: what leaves a node with its address and an MSS is its pod's, and says nothing of the network between the nodes.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.NodePort(30080)
		for range 5 {
			s.Shown(s.Client.Get(s.Web.VIP()))
			s.Client.Get(s.Nodes[1].Port(10250))
			s.Client.Get(s.Web.On(s.Nodes[1]))
			s.Wait(time.Second)
		}
		s.Forms["node1"] = build.Form{Interface: "eth0", Link: build.Ethernet}
		s.Forms["node2"] = build.Form{Interface: "eth0", Link: build.Ethernet}
		s.Truth.Connections = nil
		s.Forbid("cni-mss-too-big")
	},
}
