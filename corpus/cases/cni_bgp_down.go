package cases

import (
	"bytes"
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// bgp is a message of BGP of a type, with what follows its header.
func bgp(kind byte, body ...byte) []byte {
	b := bytes.Repeat([]byte{0xff}, 16)
	return append(append(b, 0, byte(19+len(body)), kind), body...)
}

// peer opens a session of BGP between the nodes, on which keepalives go both ways for some time.
func peer(s *Scene, keepalives int) *build.Conn {
	k := s.Nodes[0].Dial(s.Nodes[1].Port(179))
	open := bgp(1, 4, 0xfc, 0, 0, 9, 192, 168, 1, 10, 0)
	k.SendBytes(open)
	k.ReplyBytes(open)
	for range keepalives {
		k.SendBytes(bgp(4))
		k.ReplyBytes(bgp(4))
		s.Wait(3 * time.Second)
	}
	return k
}

// behindNode2 matches packets for node2's pods.
func behindNode2(s *Scene) func(build.Packet) bool {
	return func(p build.Packet) bool { return p.Dst.Addr() == s.Other.Addr() || p.Dst.Addr() == s.DNSPod.Addr() }
}

var cniBGPDownReset = Case{
	Name: "cni-bgp-down",
	About: "The session of BGP between two nodes is reset and cannot be opened again. The client's node forgets the route to the other one's pods, and says " +
		"network unreachable.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		k := peer(s, 4)
		s.Shown(s.Client.Get(s.Web.VIP()), s.Same.Get(s.Other.Port(8080)))
		k.Server.Reset()
		s.Nodes[1].Refuse(179)
		s.Reject(build.Forward, build.NetUnreachable, behindNode2(s))
		s.Wait(time.Second)
		a := s.Client.Dial(s.Web.VIP())
		for range 3 {
			s.Nodes[0].Dial(s.Nodes[1].Port(179))
			s.Wait(2 * time.Second)
		}
		b := s.Same.Dial(s.Other.Port(8080))
		s.Shown(b)
		s.Expect("cni-bgp-down", rules.Place{Client: a.Client.Local.Addr()})
		s.Expect("cni-bgp-down", rules.Place{Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerCNI
		s.Allow("app-refused") // of port 179, as far as the other node alone tells
		s.Forbid("cni-reject", "cni-no-reply", "svc-no-endpoints", "ct-stale-reset")
	},
}

var cniBGPDownHoldTimer = Case{
	Name: "cni-bgp-down-hold-timer",
	About: "Plain routes, and a capture of the client's node only: its peer ends the session because its hold timer expired, and answers no SYN. Packets " +
		"for the peer's pods go nowhere from then on.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		s.Only(s.Nodes[0])
		k := peer(s, 5)
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))
		k.ReplyBytes(bgp(3, 4, 0))
		k.Close()
		s.Drop(build.Uplink, func(p build.Packet) bool { return p.Dst.Port() == 179 })
		s.Drop(build.Forward, behindNode2(s))
		s.Wait(time.Second)
		a, b := s.Client.Dial(s.Web.VIP()), s.Client.Dial(s.Other.Port(8080))
		s.Nodes[0].Dial(s.Nodes[1].Port(179))
		s.Shown(a, b, s.Client.Get(s.Same.Port(8080)))
		s.Expect("cni-bgp-down", rules.Place{Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-reject", "cni-no-reply")
	},
}

var cniBGPDownSilent = Case{
	Name:  "cni-bgp-down-silent",
	About: "The session falls silent: its packets are lost on the way. A minute later the pods behind the peer are unreachable, through a tunnel whose routes are gone.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP, IPv6: true})
		k := peer(s, 4)
		s.Shown(s.Client.Get(s.Other.Port(8080)), s.Client.Get(s.DNSPod.Port(8181)))
		s.Drop(build.Uplink, func(p build.Packet) bool { return p.Dst.Port() == 179 || p.Src.Port() == 179 })
		s.Drop(build.Forward, behindNode2(s))
		k.SendBytes(bgp(4))
		a, b := s.Client.Dial(s.Other.Port(8080)), s.Same.Dial(s.DNSPod.Port(8181))
		s.Nodes[0].Dial(s.Nodes[1].Port(179))
		s.Shown(a, b, s.Client.Get(s.Same.Port(8080)))
		s.Expect("cni-bgp-down", rules.Place{Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-no-reply", "cni-tunnel-oneway")
	},
}

var cniBGPRestart = Case{
	Name:  "cni-bgp-restart",
	About: "The look-alike: the session is ended, as a restart of its daemon does, and opened again seconds later. Routes are kept meanwhile, and pods go on working.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		k := peer(s, 4)
		s.Shown(s.Client.Get(s.Web.VIP()))
		k.ReplyBytes(bgp(3, 6, 4))
		k.Server.Reset()
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Other.Port(8080)))
		s.Wait(4 * time.Second)
		peer(s, 4)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Truth.LayerOpen = true
		s.Forbid("cni-bgp-down")
	},
}

var cniBGPWell = Case{
	Name:  "cni-bgp-well",
	About: "The look-alike: a policy drops what goes to the pods of the other node, while the session of BGP with it goes on.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		k := peer(s, 4)
		open := s.Nodes[1].Pod(9)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Drop(build.Arrive, func(p build.Packet) bool { return p.Dst.Addr() == s.Other.Addr() })
		a := s.Client.Dial(s.Web.VIP())
		s.Shown(s.Client.Get(open.Port(8080)), a)
		k.SendBytes(bgp(4))
		k.ReplyBytes(bgp(4))
		s.Expect("cni-no-reply", place(a))
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-bgp-down")
	},
}
