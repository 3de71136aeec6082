package main

import "net/netip"

var mtuBlackhole = scenario{
	name: "mtu-blackhole", ci: true, shape: shape{podMTU: 1500},
	about: "Pods have MTU 1500, the tunnel device 1450. Large responses are dropped on node2, and a firewall there drops the ICMP fragmentation-needed: small ones pass, large ones hang.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.iptables(2, "-I OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP")
		s.visit(s.client, web)
		k := s.dial(&s.client.host, web, "ok").get(190, "ok")
		k.get(60_000, "hang")
		s.visit(s.client, web)
		s.expect("cni", 2, expectation{Rule: "cni-mtu-blackhole", Client: s.client.addr, Backend: backend.at(webPort)})
		s.allow("tcp-loss", "cni-mtu-overrun", "cni-mss-too-big")
		s.forbid("svc-no-endpoints", "svc-no-dnat", "app-refused", "cni-no-reply", "ct-stale-blackhole", "ct-stale-reset", "cni-tunnel-oneway")
	},
}

var mtuUpload = scenario{
	name: "mtu-blackhole-upload", shape: shape{podMTU: 1500},
	about: "The same toward the backend: large requests are dropped on node1, whose firewall drops the ICMP fragmentation-needed; small ones pass.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.iptables(1, "-I OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP")
		s.visit(s.client, web)
		s.dial(&s.client.host, web, "ok").get(190, "ok").upload(60_000, "hang")
		s.visit(s.client, web)
		s.expect("cni", 1, expectation{Rule: "cni-mtu-blackhole", Client: s.client.addr, Backend: backend.at(webPort)})
		s.allow("tcp-loss", "cni-mtu-overrun", "cni-mss-too-big")
		s.forbid("svc-no-endpoints", "svc-no-dnat", "app-refused", "cni-no-reply", "ct-stale-blackhole", "ct-stale-reset", "cni-tunnel-oneway")
	},
}

var mtuICMP = scenario{
	name: "mtu-icmp", shape: shape{podMTU: 1500},
	about: "Pods have MTU 1500, the tunnel device 1450. node2 answers the first large segments with ICMP fragmentation-needed, the backend's kernel makes them smaller, and the transfer ends well.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.dial(&s.client.host, web, "ok").get(300_000, "ok").hangUp()
		s.expect("cni", 2, expectation{Rule: "cni-df-drop", Backend: backend.at(webPort)})
		s.allow("tcp-loss", "cni-mtu-overrun", "cni-mss-too-big")
		s.forbid("cni-mtu-blackhole", "svc-no-endpoints", "svc-no-dnat", "app-refused", "cni-no-reply", "cni-reject")
	},
}

var policyDrop = scenario{
	name:  "policy-drop",
	about: "A NetworkPolicy on node2 drops what comes in for the backend: SYNs arrive and are never answered. Another pod of that node works.",
	play: func(s *stage) {
		closed, open := s.pod(2, 8, webPort), s.pod(2, 9, webPort)
		s.service("default/web", web, closed.at(webPort))
		s.record()
		s.iptables(2, "-I FORWARD -d "+closed.addr.String()+" -m conntrack --ctstate NEW -j DROP")
		s.visit(s.client, open.at(webPort))
		s.dial(&s.client.host, web, "hang")
		s.visit(s.client, open.at(webPort))
		s.expect("cni", 1, expectation{Rule: "cni-no-reply", Client: s.client.addr, Service: web, Backend: closed.at(webPort)})
		s.healthy()
	},
}

var policyReject = scenario{
	name:  "policy-reject",
	about: "A NetworkPolicy on node2 rejects what comes in for the backend with ICMP admin-prohibited. Another pod of that node works.",
	play: func(s *stage) {
		closed, open := s.pod(2, 8, webPort), s.pod(2, 9, webPort)
		s.service("default/web", web, closed.at(webPort))
		s.record()
		s.iptables(2, "-I FORWARD -d "+closed.addr.String()+" -m conntrack --ctstate NEW -j REJECT --reject-with icmp-admin-prohibited")
		s.visit(s.client, open.at(webPort))
		for range 3 {
			s.dial(&s.client.host, web, "unreachable")
		}
		s.expect("cni", 1, expectation{Rule: "cni-reject", Client: s.client.addr, Service: web, Backend: closed.at(webPort)})
		s.healthy()
		s.forbid("svc-no-endpoints", "app-refused")
	},
}

var policyRejectPort = scenario{
	name:  "policy-reject-port",
	about: "A NetworkPolicy on node2 rejects what comes in for the backend as iptables does by default, with ICMP port-unreachable: the client sees it come from the Service, and the Service has an endpoint all the same.",
	play: func(s *stage) {
		closed, open := s.pod(2, 8, webPort), s.pod(2, 9, webPort)
		s.service("default/web", web, closed.at(webPort))
		s.record()
		s.iptables(2, "-I FORWARD -d "+closed.addr.String()+" -m conntrack --ctstate NEW -j REJECT")
		s.visit(s.client, open.at(webPort))
		for range 3 {
			s.dial(&s.client.host, web, "refused")
		}
		s.expect("cni", 1, expectation{Rule: "cni-reject", Client: s.client.addr, Service: web, Backend: closed.at(webPort)})
		s.healthy()
		s.forbid("svc-no-endpoints", "app-refused")
	},
}

var policyReset = scenario{
	name:  "policy-reset",
	about: "A NetworkPolicy on node2 rejects what comes in for the backend with a RST in its name: the backend never saw a SYN. Another pod of that node works.",
	play: func(s *stage) {
		closed, open := s.pod(2, 8, webPort), s.pod(2, 9, webPort)
		s.service("default/web", web, closed.at(webPort))
		s.record()
		s.iptables(2, "-I FORWARD -p tcp -d "+closed.addr.String()+" -m conntrack --ctstate NEW -j REJECT --reject-with tcp-reset")
		s.visit(s.client, open.at(webPort))
		for range 3 {
			s.dial(&s.client.host, web, "refused")
		}
		s.expect("cni", 1, expectation{Rule: "cni-reject", Client: s.client.addr, Service: web, Backend: closed.at(webPort)})
		s.healthy()
		s.forbid("svc-no-endpoints", "app-refused")
	},
}

var policySameNode = scenario{
	name:  "policy-drop-samenode",
	about: "A NetworkPolicy drops what comes in for a backend on the client's own node: the SYN enters the bridge and is seen nowhere else.",
	play: func(s *stage) {
		closed, open := s.pod(1, 6, webPort), s.pod(1, 7, webPort)
		s.service("default/web", web, closed.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.iptables(1, "-I FORWARD -d "+closed.addr.String()+" -m conntrack --ctstate NEW -j DROP")
		s.visit(s.client, open.at(webPort))
		s.dial(&s.client.host, closed.at(webPort), "hang")
		s.dial(&s.client.host, web, "hang").backendUnknown() // bridge netfilter translates and drops it between two sightings
		s.expect("cni", 1, expectation{Rule: "cni-no-reply", Client: s.client.addr, Backend: closed.at(webPort)})
		s.healthy()
	},
}

var replyDrop = scenario{
	name:  "policy-reply-drop",
	about: "node2 drops what the backend answers: the SYN is delivered and the SYN-ACK gets no further than node2. Another pod of that node works.",
	play: func(s *stage) {
		mute, open := s.pod(2, 8, webPort), s.pod(2, 9, webPort)
		s.service("default/web", web, mute.at(webPort))
		s.record()
		s.iptables(2, "-I FORWARD -s "+mute.addr.String()+" -j DROP")
		s.visit(s.client, open.at(webPort))
		s.dial(&s.client.host, web, "hang")
		s.expect("cni", 1, expectation{Rule: "cni-no-reply", Client: s.client.addr, Service: web, Backend: mute.at(webPort)})
		s.healthy()
	},
}

var tunnelDeaf = scenario{
	name:  "tunnel-oneway-back",
	about: "node1's own firewall drops the tunnel's packets: its requests arrive on node2 and are answered, and the answers reach node1's uplink and no further.",
	play: func(s *stage) {
		near, far := s.pod(1, 6, webPort), s.pod(2, 8, webPort)
		s.service("default/web", web, far.at(webPort))
		s.record()
		s.iptables(1, "-I INPUT -p udp --dport 8472 -j DROP")
		s.visit(s.client, near.at(webPort))
		s.dial(&s.client.host, web, "hang")
		s.dial(&s.client.host, far.at(webPort), "hang")
		s.expect("cni", 1, expectation{Rule: "cni-tunnel-oneway", Nodes: []netip.Addr{netip.MustParseAddr(node1Addr), netip.MustParseAddr(node2Addr)}})
		s.allow("cni-no-reply")
		s.forbid("svc-no-dnat", "svc-no-endpoints", "ct-stale-blackhole", "cni-mtu-blackhole", "app-refused")
	},
}

// tunnel is the common part of the two scenarios of a broken tunnel: node2's firewall does not let node1's packets in.
func tunnel(s *stage, rule, target string) {
	near, far := s.pod(1, 6, webPort), s.pod(2, 8, webPort)
	s.service("default/web", web, far.at(webPort))
	s.record()
	s.iptables(2, "-I INPUT -p udp --dport 8472 -j "+target)
	s.visit(s.client, near.at(webPort))
	s.dial(&s.client.host, web, "hang")
	s.dial(&s.client.host, far.at(webPort), "hang")
	s.visit(s.client, near.at(webPort))
	s.expect("cni", 1, expectation{Rule: rule, Nodes: []netip.Addr{netip.MustParseAddr(node1Addr), netip.MustParseAddr(node2Addr)}})
	s.allow("cni-no-reply")
	s.forbid("svc-no-dnat", "svc-no-endpoints", "ct-stale-blackhole", "cni-mtu-blackhole")
}

var tunnelOneway = scenario{
	name:  "tunnel-oneway",
	about: "node2's firewall drops the tunnel's packets: node1 sends and nothing comes back. Pods of the same node talk.",
	play:  func(s *stage) { tunnel(s, "cni-tunnel-oneway", "DROP") },
}

var tunnelRejected = scenario{
	name:  "tunnel-rejected",
	about: "node2's firewall rejects the tunnel's packets with ICMP admin-prohibited, which only the node gets to see.",
	play: func(s *stage) {
		tunnel(s, "cni-tunnel-rejected", "REJECT --reject-with icmp-admin-prohibited")
		s.allow("cni-tunnel-oneway")
	},
}

var routingLoop = scenario{
	name: "routing-loop", ci: true,
	about: "The network of a node that is no more, 10.244.3.0/24, is routed from node1 to node2 and back: a SYN circles until its TTL is used up.",
	play: func(s *stage) {
		lost := netip.MustParseAddrPort("10.244.3.4:8080")
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		if s.err == nil {
			s.fail(s.nodes[0].ip(s.ctx, "route add 10.244.3.0/24 via 10.244.2.0 dev flannel.1 onlink"))
			s.fail(s.nodes[1].ip(s.ctx, "route add 10.244.3.0/24 via 10.244.1.0 dev flannel.1 onlink"))
		}
		s.record()
		s.visit(s.client, web)
		s.dial(&s.client.host, lost, "hang")
		s.expect("cni", 1, expectation{Rule: "cni-routing-loop", Client: s.client.addr, Backend: lost})
		s.allow("cni-no-reply", "cni-reject")
		s.forbid("tcp-loss", "cni-mtu-blackhole", "svc-no-dnat")
	},
}
