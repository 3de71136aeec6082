package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniNoReplyEgress = Case{
	Name: "cni-no-reply-egress",
	About: "A policy drops what one pod sends to a Service's backend, on the client's node, once it is translated. As pods are routed right by their veths, its " +
		"SYNs end where they came in. Another pod of that node reaches the Service.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		open := s.Nodes[1].Pod(9)
		s.Drop(build.Forward, func(p build.Packet) bool { return p.Src.Addr() == s.Client.Addr() && p.Dst == s.Other.Port(8080) })
		s.Shown(s.Same.Get(s.Web.VIP()), s.Client.Get(open.Port(8080)))
		k := s.Client.Dial(s.Web.VIP())
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: k.Client.Local, Service: s.Web.VIP(), Outcome: "hang"})
		s.Expect("cni-no-reply", rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP()})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("svc-no-dnat", "ct-table-full", "tcp-loss", "svc-hairpin-drop")
	},
}

var servedAgain = Case{
	Name: "served-again",
	About: "The look-alike: the same sight, but of all pods of the node for some seconds, as a full conntrack table gives it. It is no policy for one of them, and what it " +
		"is can't be told from one Service.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		s.Shown(s.Same.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()))
		f := s.Drop(build.Forward, func(p build.Packet) bool { return p.Dst == s.Other.Port(8080) })
		s.Client.Dial(s.Web.VIP())
		f.Heal()
		s.Wait(2 * time.Second)
		s.Shown(s.Same.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()))
		s.Truth.LayerOpen = true
		s.Forbid("cni-no-reply", "svc-no-dnat", "tcp-loss")
	},
}
