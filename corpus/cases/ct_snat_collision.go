package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// firstSYN matches the SYNs of a pod.
func firstSYN(from *build.Pod) func(build.Packet) bool {
	return func(p build.Packet) bool { return p.SYN && !p.ACK && p.Src.Addr() == from.Addr() }
}

var ctSNATCollision = Case{
	Name: "ct-snat-collision",
	About: "Two pods call one server outside, and the node gives their connections one source port: the first SYN of the second one vanishes in the node, " +
		"the one sent again after a second passes.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		for range 3 {
			s.Shown(s.Client.Get(s.Outside.Port(80)))
			s.Drop(build.Forward, firstSYN(s.Same)).Times(1)
			s.Shown(s.Same.Get(s.Outside.Port(80)))
			s.Wait(time.Second)
		}
		s.Expect("ct-snat-collision", rules.Place{Client: s.Same.Addr()}).Severity = rules.Warning
		s.Truth.Layer = rules.LayerService
		s.Forbid("tcp-loss", "cni-no-reply", "ct-table-full", "svc-ipvs-reuse-delay")
	},
}

var snatLostBeyond = Case{
	Name:  "snat-lost-beyond",
	About: "The look-alike: first SYNs leave the node, with their new source, and are lost on the way beyond it.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		for range 3 {
			s.Drop(build.Uplink, func(p build.Packet) bool { return p.SYN && !p.ACK }).Times(1)
			s.Shown(s.Client.Get(s.Outside.Port(80)), s.Same.Get(s.Outside.Port(80)))
		}
		s.Allow("tcp-loss")
		s.Truth.LayerOpen = true
		s.Forbid("ct-snat-collision", "svc-ipvs-reuse-delay", "cni-no-reply")
	},
}

var svcIPVSReuseDelay = Case{
	Name: "svc-ipvs-reuse-delay",
	About: "A client calls a Service of IPVS again from a port that is in TIME_WAIT there: the node drops the first SYN and forwards the one sent again a " +
		"second later.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.IPVS})
		get := func(port uint16) *build.Conn {
			k := s.Cluster.Dial(s.Client, s.Web.VIP(), build.Dialer{Port: port})
			k.Send(68)
			k.Reply(190)
			k.Close()
			return k
		}
		for i := range uint16(2) {
			s.Shown(get(41000 + i))
			s.Wait(20 * time.Second)
			s.Drop(build.Forward, firstSYN(s.Client)).Times(1)
			again := get(41000 + i)
			s.Shown(again)
			s.Expect("svc-ipvs-reuse-delay", place(again)).Severity = rules.Warning
		}
		s.Truth.Layer = rules.LayerService
		s.Forbid("ct-snat-collision", "tcp-loss", "cni-no-reply")
	},
}

var ipvsReuseFine = Case{
	Name:  "ipvs-reuse-fine",
	About: "The look-alikes: ports are used again, and nothing is lost; and a SYN from a port that is new is lost on the wire.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.IPVS})
		for range 3 {
			k := s.Cluster.Dial(s.Client, s.Web.VIP(), build.Dialer{Port: 41000})
			k.Send(68)
			k.Close()
			s.Shown(k)
			s.Wait(10 * time.Second)
		}
		s.Drop(build.Uplink, firstSYN(s.Client)).Times(1)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Allow("tcp-loss")
		s.Truth.LayerOpen = true
		s.Forbid("svc-ipvs-reuse-delay", "ct-snat-collision")
	},
}
