package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// of matches TCP packets of a machine, whatever its address, to a port.
func of(n *build.Node, port uint16) func(build.Packet) bool {
	return func(p build.Packet) bool { return p.TCP && p.Node != n && p.Dst.Port() == port }
}

var cniVXLANChecksum = Case{
	Name: "cni-vxlan-checksum",
	About: "A node calls a Service. Its masqueraded SYNs come in to the backend's node with a wrong outer checksum, and its kernel drops them before they " +
		"are unwrapped. Those of pods have none, and get through.",
	Script: func(s *Scene) {
		s.Start(build.Options{NoTunnelChecksum: true})
		s.Shown(s.Client.Get(s.Web.VIP()), s.Same.Get(s.Web.VIP()))
		spoilt := s.Spoil(of(s.Nodes[0], 8080))
		s.Nodes[0].Dial(s.Web.VIP())
		spoilt.Heal()
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("cni-vxlan-checksum", rules.Place{Backend: s.Other.Port(8080)}).Severity = rules.Critical
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-tunnel-oneway", "cni-no-reply", "tcp-loss")
	},
}

var cniVXLANChecksumLate = Case{
	Name:  "cni-vxlan-checksum-late",
	About: "As cni-vxlan-checksum, on the port of RFC 7348; the fourth SYN is sent without a checksum, and passes.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.VXLAN4789, NoTunnelChecksum: true})
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Spoil(of(s.Nodes[0], 8080)).Times(3)
		s.Get(s.Nodes[0], s.Web.VIP())
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("cni-vxlan-checksum", rules.Place{Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("cni-tunnel-oneway", "cni-no-reply", "tcp-loss")
	},
}

var checksumNotPolicy = Case{
	Name: "checksum-not-policy",
	About: "The look-alike: the nodes are virtual machines of one host, so that tunnel packets come in with checksums that nobody has completed. They are " +
		"unwrapped all the same, and a policy drops those of the node behind the tunnel.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Drop(build.Arrive, of(s.Nodes[0], 8080))
		s.Nodes[0].Dial(s.Web.VIP())
		s.Truth.LayerOpen = true
		s.Allow("cni-no-reply")
		s.Forbid("cni-vxlan-checksum")
	},
}
