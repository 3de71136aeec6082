package main

import "net/netip"

// beside has a node send to the other node's pods beside the tunnel, by its uplink.
func (s *stage) beside(from, to int) {
	if s.err == nil {
		pods := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 244, byte(to), 0}), 24).String()
		s.fail(s.nodes[from-1].ip(s.ctx, "route replace "+pods+" via "+s.nodes[to-1].addr.String()+" dev eth0"))
	}
}

// filterReverse has a node check that what comes in would go out the same way.
func (s *stage) filterReverse(node int, value string) {
	if s.err == nil {
		s.fail(s.nodes[node-1].sysctl(s.ctx, "net.ipv4.conf.all.rp_filter="+value, "net.ipv4.conf.default.rp_filter="+value,
			"net.ipv4.conf.eth0.rp_filter="+value, "net/ipv4/conf/flannel.1/rp_filter="+value))
	}
}

var asymmetricRequest = scenario{
	name:  "asymmetric-request",
	about: "node2 has its route to node1's pods beside the tunnel and checks by strict rp_filter that what comes in would go out the same way: requests are unwrapped from the tunnel and dropped there.",
	play: func(s *stage) {
		backend, near := s.pod(2, 8, webPort), s.pod(1, 6, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.filterReverse(1, "0")
		s.filterReverse(2, "1")
		s.beside(2, 1)
		s.visit(s.client, near.at(webPort))
		ended := s.dialing(&s.client.host, 0, web, "hang")
		s.dial(&backend.host, near.at(webPort), "hang").untunnelled() // its SYN gets there, and the answer comes by the tunnel
		ended()
		s.dial(&s.client.host, backend.at(webPort), "hang")
		s.expect("cni", 2, expectation{Rule: "cni-asymmetric", Client: s.client.addr, Backend: backend.at(webPort)})
		s.allow("cni-no-reply", "cni-tunnel-oneway")
		s.forbid("app-refused", "app-backlog-full", "svc-no-dnat", "svc-no-endpoints", "ct-stale-blackhole", "cni-mtu-blackhole", "ct-snat-collision")
	},
}

var asymmetricLater = scenario{
	name:  "asymmetric-later",
	about: "The same, and the route changes while the capture runs: what worked before does not any more.",
	play: func(s *stage) {
		backend, near := s.pod(2, 8, webPort), s.pod(1, 6, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.filterReverse(1, "0")
		s.filterReverse(2, "1")
		s.beside(2, 1)
		ended := s.dialing(&s.client.host, 0, web, "hang")
		s.dial(&backend.host, near.at(webPort), "hang").untunnelled()
		ended()
		s.expect("cni", 1, expectation{Rule: "cni-asymmetric"})
		s.allow("cni-no-reply", "cni-tunnel-oneway")
		s.forbid("app-refused", "app-backlog-full", "svc-no-dnat", "svc-no-endpoints", "ct-stale-blackhole", "cni-mtu-blackhole", "ct-snat-collision")
	},
}

var asymmetricReply = scenario{
	name:  "asymmetric-reply",
	about: "node2 sends to node1's pods beside the tunnel, and node1's strict rp_filter drops those answers on its uplink: requests go through the tunnel and are answered.",
	play: func(s *stage) {
		backend, near := s.pod(2, 8, webPort), s.pod(1, 6, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.filterReverse(2, "0")
		s.record()
		s.visit(s.client, web)
		s.filterReverse(1, "1")
		s.beside(2, 1)
		s.visit(s.client, near.at(webPort))
		s.dial(&s.client.host, web, "hang")
		s.dial(&s.client.host, backend.at(webPort), "hang")
		s.expect("cni", 1, expectation{Rule: "cni-asymmetric", Client: s.client.addr, Backend: backend.at(webPort)})
		s.allow("cni-no-reply", "cni-tunnel-oneway")
		s.forbid("app-refused", "app-backlog-full", "svc-no-dnat", "svc-no-endpoints", "ct-stale-blackhole", "cni-mtu-blackhole", "ct-snat-collision")
	},
}

var asymmetricFine = scenario{
	name:  "ok-asymmetric",
	about: "Requests go through the tunnel and answers beside it, and nobody minds. All is well.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.filterReverse(1, "0")
		s.filterReverse(2, "0")
		s.record()
		s.visit(s.client, web)
		s.beside(2, 1)
		s.visit(s.client, web)
		s.dial(&s.client.host, backend.at(webPort), "ok").get(20_000, "ok").hangUp()
		s.healthy()
	},
}
