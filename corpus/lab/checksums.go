package main

import "net/netip"

// nft hands a script to nft(8) in a namespace.
func (s *stage) nft(n netns, script string) {
	if s.err == nil {
		_, err := n.exec(s.ctx, script, "nft", "-f", "-")
		s.fail(err)
	}
}

// between are rules for the network between the nodes: for all that a node sends, after its own capture.
func (s *stage) between(node string, rules string) {
	s.nft(s.underlay, "table netdev network {\nchain "+node+" {\ntype filter hook ingress device "+node+" priority 0;\n"+rules+"\n}\n}\n")
}

var vxlanChecksum = scenario{
	name:  "vxlan-checksum",
	about: "What node1 itself sends into the tunnel, masqueraded, comes in to node2 with a wrong outer UDP checksum (spoiled on the way, as the kernel bug of flannel #1279 does) and is dropped before it is unwrapped. Pods' packets in the same tunnel are well.",
	play: func(s *stage) {
		backend, other := s.pod(2, 8, webPort), s.pod(2, 9, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.fullChecksums(s.client, backend, other)
		s.record()
		s.between("node1", "udp dport 8472 @th,336,32 0x0af40100 udp checksum set 0xbad1")
		s.visit(s.client, web)
		for range 2 {
			s.dial(&s.nodes[0].host, web, "hang")
		}
		s.visit(s.client, web)
		s.visit(s.client, other.at(webPort))
		s.expect("cni", 2, expectation{Rule: "cni-vxlan-checksum", Nodes: []netip.Addr{netip.MustParseAddr(node1Addr), netip.MustParseAddr(node2Addr)}})
		s.Connections = []*connection{} // no packet carries the address that the node's own program called
		s.allow("cni-no-reply", "cni-tunnel-oneway")
		s.forbid("svc-no-dnat", "svc-no-endpoints", "app-backlog-full", "ct-stale-blackhole", "cni-mtu-blackhole")
	},
}

// fullChecksums has every host compute its checksums itself: a capture shows none that a network card was to complete.
func (s *stage) fullChecksums(pods ...*pod) {
	for _, n := range s.nodes {
		for _, device := range []string{"eth0", "cni0", "flannel.1"} {
			if s.err == nil {
				_, err := n.exec(s.ctx, "", "ethtool", "-K", device, "tx", "off")
				s.fail(err)
			}
		}
	}
	for _, p := range pods {
		if s.err == nil {
			_, err := p.exec(s.ctx, "", "ethtool", "-K", "eth0", "tx", "off")
			s.fail(err)
		}
	}
}

var nodePolicy = scenario{
	name:  "policy-drop-node",
	about: "node1 itself can't reach a Service, as a policy on node2 drops what comes from its tunnel address to that pod: its packets are unwrapped and seen on flannel.1. It reaches another pod, and pods reach all.",
	play: func(s *stage) {
		closed, open := s.pod(2, 8, webPort), s.pod(2, 9, webPort)
		s.service("default/web", web, closed.at(webPort))
		s.record()
		s.iptables(2, "-I FORWARD -s 10.244.1.0 -d "+closed.addr.String()+" -j DROP")
		s.visit(s.client, web)
		s.dial(&s.nodes[0].host, web, "hang")
		s.visitFrom(&s.nodes[0].host, open.at(webPort))
		s.visit(s.client, web)
		s.expect("cni", 2, expectation{Rule: "cni-no-reply", Backend: closed.at(webPort)})
		s.Connections = []*connection{}
		s.healthy()
	},
}
