package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var probeAfterDelete = Case{
	Name: "probe-after-delete",
	About: "A kubelet's probe was under way when its pod was deleted: its SYN goes on to an address that nobody has, flooded to every port of the " +
		"bridge.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		for i := range 3 {
			s.Nodes[1].Pod(20 + i)
		}
		s.Nodes[1].Flood()
		s.Shown(s.Nodes[1].Dial(s.DNSPod.Port(8181)), s.Client.Get(s.Web.VIP()))
		gone := s.Nodes[1].Pod(30)
		gone.Remove()
		s.Nodes[1].Dial(gone.Port(8080))
		s.Wait(time.Second)
		s.Truth.LayerOpen = true
		s.Forbid("cni-no-reply", "cni-reject", "cni-tunnel-oneway", "tcp-loss")
	},
}

var probeUnanswered = Case{
	Name:  "probe-unanswered",
	About: "The look-alike: a policy on the node drops the kubelet's probes of a pod that lives, and answers others.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Client.Get(s.Web.VIP())
		s.Cluster.Get(s.Nodes[1], s.DNSPod.Port(8181))
		s.Drop(build.Bridge, func(p build.Packet) bool { return p.Dst.Port() == 8081 })
		s.Drop(build.InPod, func(p build.Packet) bool { return p.Dst.Port() == 8081 })
		k := s.Nodes[1].Dial(s.Other.Port(8081))
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("cni-no-reply", place(k))
		s.Truth.Layer = rules.LayerCNI
	},
}

var cniNoReplyMany = Case{
	Name:  "cni-no-reply-many",
	About: "A policy for one client drops all that it sends to a dozen pods: one cause, one finding.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Drop(build.Forward, func(p build.Packet) bool { return p.Src.Addr() == s.Client.Addr() && p.Dst.Port() == 8080 })
		s.Client.Resolver(s.DNS.VIP()).Lookup("web")
		s.Shown(s.Same.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(9090)))
		for i := range 6 {
			s.Client.Dial(s.Nodes[1].Pod(20 + i).Port(8080))
		}
		s.Expect("cni-no-reply", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerCNI
	},
}
