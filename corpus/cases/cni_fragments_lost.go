package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// resendLarge sends small datagrams, which are answered, and a large one again and again, in turns.
func resendLarge(s *Scene, to *build.Service, times int) {
	for range times {
		q := s.UDP(s.Client, to.VIP())
		small := func() {
			if q.Send(make([]byte, 160)) {
				s.Wait(300 * time.Microsecond)
				q.Reply(make([]byte, 60))
			}
		}
		small()
		for _, wait := range []time.Duration{1, 2, 4} {
			if q.Send(make([]byte, 2100)) {
				s.Wait(300 * time.Microsecond)
				q.Reply(make([]byte, 60))
			}
			s.Wait(wait * time.Second)
		}
		small()
		s.Wait(time.Second)
	}
}

// large selects datagrams that travel in fragments.
func large(p build.Packet) bool { return p.UDP && p.Payload > 1500 }

var cniFragmentsLost = Case{
	Name:  "cni-fragments-lost",
	About: "UDP to a Service: the network between the nodes loses all fragments but the first, so that small datagrams are answered and large ones never.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve})
		game := s.Service("default/game", "10.96.0.72:1111").UDP().Endpoints(s.Other.Port(1111))
		s.Tear(build.Uplink, large)
		resendLarge(s, game, 2)
		s.Expect("cni-fragments-lost", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-no-reply", "ct-stale-udp", "dns-fragmented")
	},
}

var cniFragmentsLostEBPF = Case{
	Name:  "cni-fragments-lost-ebpf",
	About: "An eBPF datapath drops at the pod's interface what has no ports; and IPv6, and the packets come back over plain routes.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.EBPF, IPv6: true})
		game := s.Service("default/game", "[fd00:10:96::72]:1111").UDP().Endpoints(s.Other.Port(1111))
		s.Tear(build.OnVeth, large)
		resendLarge(s, game, 2)
		s.Expect("cni-fragments-lost", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-no-reply", "ct-stale-udp")
	},
}

var cniFragmentsLostVeth = Case{
	Name:  "cni-fragments-lost-veth",
	About: "Large datagrams leave the pod in fragments, and its node drops all of them.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		game := s.Service("default/game", "10.96.0.72:1111").UDP().Endpoints(s.Other.Port(1111))
		s.Drop(build.OnVeth, large)
		resendLarge(s, game, 2)
		s.Expect("cni-fragments-lost", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-no-reply", "ct-stale-udp")
	},
}

var cniFragmentsLostOuter = Case{
	Name:  "cni-fragments-lost-outer",
	About: "The tunnel leaves no room for its header, so large packets are cut outside, and the network between the nodes drops later fragments.",
	Script: func(s *Scene) {
		s.Start(build.Options{PodMTU: 1500, TunnelMTU: 1500})
		s.Tear(build.Uplink, func(p build.Packet) bool { return p.TCP })
		for range 2 {
			k := s.Client.Dial(s.Web.VIP())
			k.Send(68)
			k.Reply(8000)
			s.Wait(3 * time.Second)
		}
		s.Expect("cni-fragments-lost", rules.Place{})
		s.Truth.Layer = rules.LayerCNI
		s.Allow("cni-mtu-overrun", "cni-mtu-blackhole") // which are all that the sender's node can show
	},
}

var cniFragmentsOK = Case{
	Name:  "cni-fragments-ok",
	About: "The look-alike: large datagrams travel in fragments and are answered; others go one way, and nobody is to answer them.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		game := s.Service("default/game", "10.96.0.72:1111").UDP().Endpoints(s.Other.Port(1111))
		resendLarge(s, game, 3)
		logs := s.UDP(s.Same, s.Other.Port(12201))
		for range 5 {
			logs.Send(make([]byte, 200))
			logs.Send(make([]byte, 4000))
			s.Wait(time.Second)
		}
		s.Healthy()
	},
}

var cniFragmentsLostOnce = Case{
	Name:  "cni-fragments-lost-once",
	About: "The look-alike: one fragment of one datagram is lost, and the next large datagram is answered.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		game := s.Service("default/game", "10.96.0.72:1111").UDP().Endpoints(s.Other.Port(1111))
		s.Tear(build.Uplink, large).Times(1)
		resendLarge(s, game, 3)
		s.Healthy()
	},
}
