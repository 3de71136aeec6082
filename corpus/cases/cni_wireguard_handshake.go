package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// rekey is how long a peer waits for a response to its initiation.
const rekey = 5050 * time.Millisecond

// shake makes a handshake that works.
func shake(s *Scene, p build.Peers) {
	p.Initiate()
	s.Wait(400 * time.Microsecond)
	p.Respond()
	s.Wait(200 * time.Microsecond)
	p.Keepalive()
}

// callInVain opens connections to the peer's pods while handshakes are begun: each SYN is sent to the tunnel's device, and no further.
func callInVain(s *Scene, p build.Peers, times int) []*build.Conn {
	s.Drop(build.Seal, nil)
	var all []*build.Conn
	for range times {
		at := s.Now()
		all = append(all, s.Client.Dial(s.Web.VIP()))
		s.At(at + 40*time.Microsecond)
		p.Initiate()
		s.At(at + rekey)
	}
	return all
}

var okWireGuard = Case{
	Name:  "ok-wireguard",
	About: "Pods talk through WireGuard: a handshake at the beginning, and another one each two minutes; the first one had to be sent twice.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.WireGuard})
		p := s.WireGuard(s.Nodes[0], s.Nodes[1])
		p.Initiate()
		s.Wait(rekey)
		for range 4 {
			shake(s, p)
			for range 3 {
				s.Shown(s.Client.Get(s.Web.VIP()))
				s.Wait(35 * time.Second)
			}
			s.Wait(15 * time.Second)
		}
		s.Healthy()
	},
}

var cniWireGuardHandshake = Case{
	Name:  "cni-wireguard-handshake",
	About: "One node has not got the other's new key: initiations come in and are not answered, and pods' connections wait in the sender's tunnel device.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.WireGuard})
		s.Client.Get(s.Same.Port(8080))
		callInVain(s, s.WireGuard(s.Nodes[0], s.Nodes[1]), 6)
		e := s.Expect("cni-wireguard-handshake", rules.Place{Client: s.Client.Addr()})
		e.Nodes = append(e.Nodes, s.Nodes[0].Addr(), s.Nodes[1].Addr())
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-no-reply", "cni-tunnel-oneway", "tcp-loss", "svc-no-dnat")
	},
}

var cniWireGuardBlocked = Case{
	Name:  "cni-wireguard-blocked",
	About: "The network drops WireGuard's packets to the second node; with the third one the first has a tunnel that works.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.WireGuard, Nodes: 3})
		other := s.Nodes[2].Pod(7)
		s.Nodes[1].Pod(9).Get(s.Other.Port(8080))
		if k := s.Nodes[1].Dial(s.Outside.Port(6443)); k.End == build.Unfinished {
			k.Close()
		}
		shake(s, s.WireGuard(s.Nodes[0], s.Nodes[2]))
		s.Client.Get(other.Port(8080))
		s.Drop(build.Uplink, func(p build.Packet) bool { return p.UDP && p.Dst.Addr() == s.Nodes[1].Addr() })
		p := s.WireGuard(s.Nodes[0], s.Nodes[1])
		for range 5 {
			p.Initiate()
			s.Wait(rekey)
		}
		s.Client.Get(other.Port(8080))
		s.Expect("cni-wireguard-handshake", rules.Place{Client: s.Nodes[0].Addr()})
		s.Truth.Layer = rules.LayerCNI
	},
}

var cniWireGuardResponses = Case{
	Name:  "cni-wireguard-responses",
	About: "The peer responds to each initiation, and its responses are dropped on the way back.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.WireGuard})
		s.Client.Get(s.Same.Port(8080))
		s.Drop(build.Uplink, func(p build.Packet) bool { return p.UDP && p.Src.Addr() == s.Nodes[1].Addr() })
		p := s.WireGuard(s.Nodes[0], s.Nodes[1])
		for range 5 {
			p.Initiate()
			p.Respond()
			s.Wait(rekey)
		}
		s.Expect("cni-wireguard-handshake", rules.Place{Client: s.Nodes[0].Addr()})
		s.Truth.Layer = rules.LayerCNI
	},
}

var cniWireGuardRefused = Case{
	Name:  "cni-wireguard-refused",
	About: "The peer has no WireGuard device: ICMP says that nobody listens on the port.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.WireGuard})
		s.Client.Get(s.Same.Port(8080))
		s.Nodes[1].Refuse(51820)
		callInVain(s, s.WireGuard(s.Nodes[0], s.Nodes[1]), 5)
		s.Expect("cni-wireguard-handshake", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-no-reply", "app-refused")
	},
}

var wireGuardOneDirection = Case{
	Name:  "wireguard-one-direction",
	About: "The look-alike: a capture of outgoing packets only, which shows initiations and no response, of a tunnel that works.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.WireGuard})
		s.Only(s.Nodes[0])
		p := s.WireGuard(s.Nodes[0], s.Nodes[1])
		for range 4 {
			shake(s, p)
			s.Client.Get(s.Web.VIP())
			s.Wait(2 * time.Minute)
		}
		s.Forms["node1"] = build.Form{Outgoing: true}
		s.Forbid("cni-wireguard-handshake")
		s.Truth.LayerOpen = true
		s.Allow("cni-no-reply")
	},
}
