package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// onBridge has the first node captured on its bridge alone, as Ethernet: no packet says which way it goes.
func onBridge(s *Scene) {
	s.Only(s.Nodes[0])
	s.Forms["node1"] = build.Form{Link: build.Ethernet, Interface: "cni0"}
}

var formBridge = Case{
	Name: "form-bridge",
	About: "Only the bridge: what is for a Service has its backend's address there, and what comes back the Service's. All is well, DNS too, though its sockets " +
		"look as if nobody answered.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		onBridge(s)
		r := s.Client.Resolver(s.DNS.VIP())
		for range 2 {
			r.Lookup("web")
			s.Client.Get(s.Web.VIP())
			s.Wait(3 * time.Second)
		}
		s.Expect("cap-one-interface", rules.Place{})
		s.Healthy()
	},
}

var svcNoEndpointsBridge = Case{
	Name: "svc-no-endpoints-bridge",
	About: "A Service without endpoints, on the bridge alone: nothing says that the node itself sends the ICMP errors but their TTL, and that the packet " +
		"which they quote had met no router before.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		onBridge(s)
		empty := s.Service("default/empty", "10.96.0.60:80")
		s.Client.Get(s.Web.VIP())
		for range 3 {
			s.Client.Dial(empty.VIP())
		}
		s.Expect("svc-no-endpoints", rules.Place{Client: s.Client.Addr(), Service: empty.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("cni-reject", "app-refused")
	},
}

var rejectBeyond = Case{
	Name:  "reject-beyond",
	About: "The look-alike, on the uplink alone: another node refuses what has met a router before. It is a policy there.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		s.Only(s.Nodes[0])
		s.Forms["node1"] = build.Form{Link: build.Ethernet, Interface: "eth0"}
		s.Client.Get(s.Nodes[1].Pod(9).Port(8080))
		s.Reject(build.Arrive, build.PortUnreachable, func(p build.Packet) bool { return p.Dst == s.Other.Port(8080) })
		for range 3 {
			s.Client.Dial(s.Web.VIP())
		}
		s.Expect("cni-reject", rules.Place{Client: s.Client.Addr(), Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("svc-no-endpoints", "app-refused")
	},
}

var cniRejectBridge = Case{
	Name: "cni-reject-bridge",
	About: "A policy on the pod's node refuses, and the bridge of the client's is captured alone. It has the SYN with the backend's address, and the ICMP " +
		"error that quotes it with the Service's, as its client knows it.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		onBridge(s)
		s.Client.Get(s.Nodes[1].Pod(9).Port(8080))
		s.Reject(build.Arrive, build.Prohibited, func(p build.Packet) bool { return p.Dst == s.Other.Port(8080) })
		for range 3 {
			s.Client.Dial(s.Web.VIP())
		}
		s.Expect("cni-reject", rules.Place{Client: s.Client.Addr(), Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("svc-no-endpoints", "app-refused")
	},
}
