package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// inTurns lets calls reach one and then another of two pods with one address, of which the second one listens nowhere.
func inTurns(s *Scene, one, other *build.Pod, call func() *build.Conn) *build.Conn {
	var failed *build.Conn
	for range 4 {
		one.Takes()
		s.Shown(call())
		s.Wait(2 * time.Second)
		other.Takes()
		failed = call()
		s.Shown(failed)
		s.Wait(2 * time.Second)
	}
	one.Takes()
	s.Shown(call())
	return failed
}

var cniDuplicateIP = Case{
	Name:  "cni-duplicate-ip",
	About: "A second pod on the backend's node has its address. Both answer ARP; connections reach the one or the other, which refuses them.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve})
		twin := s.Other.Twin()
		twin.Refuse(8080)
		k := inTurns(s, s.Other, twin, func() *build.Conn { return s.Client.Get(s.Web.VIP()) })
		s.Only(s.Nodes[1])
		s.Truth.Connections = nil // node2 does not show the Service
		s.Expect("cni-duplicate-ip", rules.Place{Backend: k.Backend()})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("app-refused", "ct-stale-reset", "cni-no-reply")
	},
}

var cniDuplicateIPv6 = Case{
	Name:  "cni-duplicate-ip-ipv6",
	About: "The same with IPv6, on the client's own node, seen through plain routes: both pods answer neighbour solicitations.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW, IPv6: true})
		twin := s.Same.Twin()
		twin.Refuse(9090)
		k := inTurns(s, s.Same, twin, func() *build.Conn { return s.Other.Get(s.Same.Port(9090)) })
		s.Only(s.Nodes[0])
		s.Expect("cni-duplicate-ip", rules.Place{Client: s.Other.Addr(), Backend: k.Called})
		s.Truth.Layer = rules.LayerCNI
	},
}

var cniDuplicateIPNodes = Case{
	Name:  "cni-duplicate-ip-nodes",
	About: "A pod on another node has the backend's address. What it sends is answered to the backend.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		twin := s.Other.TwinOn(s.Nodes[0])
		for range 3 {
			s.Shown(s.Client.Get(s.Web.VIP()))
			s.Wait(2 * time.Second)
			s.Dial(twin, s.DNSPod.Port(8181), build.Dialer{Tries: 3})
			s.Wait(2 * time.Second)
		}
		s.Expect("cni-duplicate-ip", rules.Place{Client: s.Other.Addr()})
		s.Truth.Layer = rules.LayerCNI
	},
}

var cniDuplicateIPReplaced = Case{
	Name:  "cni-duplicate-ip-replaced",
	About: "The look-alike: the pod is replaced by one with the same address and another link-layer address. The old one is silent from then on.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		get := func() { s.Shown(s.Client.Get(s.Web.VIP())) }
		s.Other.Takes()
		get()
		s.Wait(3 * time.Second)
		next := s.Other.Twin()
		s.Other.Remove()
		for range 3 {
			next.Takes()
			get()
			s.Wait(3 * time.Second)
		}
		s.Healthy()
	},
}
