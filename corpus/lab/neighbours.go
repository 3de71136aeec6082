package main

import "time"

// forget has a node ask anew for the addresses of its pods.
func (s *stage) forget(node int) {
	if s.err == nil {
		s.fail(s.nodes[node-1].ip(s.ctx, "neighbour flush dev cni0"))
	}
}

var duplicateIP = scenario{
	name:  "duplicate-ip",
	about: "Two pods on node2 have one address. Both answer ARP; connections get to one or the other, as the node believes, and the second pod does not listen.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.pod(2, 8)
		var all []*call
		for range 8 {
			s.forget(2)
			all = append(all, s.visits(&s.client.host, web, 3, 190)...)
			s.wait(300 * time.Millisecond)
		}
		s.some(all, "refused", "ok", "reset", "hang")
		s.expect("cni", 2, expectation{Rule: "cni-duplicate-ip"})
		s.Connections = []*connection{}
		s.allow("app-refused", "ct-stale-reset", "ct-stale-blackhole", "svc-endpoint-terminating")
		s.healthy()
	},
}

var replaced = scenario{
	name:  "ok-replaced",
	about: "A pod is replaced by one with the same address and another MAC address, while nothing is connected; the old one is silent from then on. All is well.",
	play: func(s *stage) {
		old := s.pod(2, 8, webPort)
		s.service("default/web", web, old.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.wait(300 * time.Millisecond)
		s.replace(old)
		for range 3 {
			s.forget(2)
			s.visit(s.client, web)
		}
		s.healthy()
	},
}

var gatewayMute = scenario{
	name:  "neighbour-gateway",
	about: "node1 does not hear one pod's questions for the address of its gateway (a rule drops them): the pod can't send anything out of its network. Another pod's question is answered.",
	play: func(s *stage) {
		backend, other := s.pod(2, 8, webPort), s.pod(1, 7)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.visit(other, web)
		s.nft(s.nodes[0].netns, "table arp lab {\nchain input {\ntype filter hook input priority 0;\narp saddr ip "+s.client.addr.String()+" drop\n}\n}\n")
		for _, p := range []*pod{s.client, other} {
			if s.err == nil {
				s.fail(p.ip(s.ctx, "neighbour flush dev eth0"))
			}
		}
		s.patience = 4 * time.Second
		s.dial(&s.client.host, web, "unreachable").backendUnknown()
		s.dial(&s.client.host, backend.at(webPort), "unreachable")
		s.visit(other, web)
		s.expect("cni", 1, expectation{Rule: "cni-neighbour-unanswered", Client: s.client.addr})
		s.Connections = []*connection{} // no packet of them was ever sent
		s.healthy()
	},
}

var podMute = scenario{
	name:  "neighbour-pod",
	about: "A pod on node2 sends, and does not answer ARP any more: node2 asks in vain, and returns ICMP host-unreachable after some 3 s. Other pods of the node answer.",
	play: func(s *stage) {
		backend, other, near := s.pod(2, 8, webPort), s.pod(2, 9, webPort), s.pod(1, 6, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		if s.err == nil {
			// Its own question would tell the node its address.
			s.fail(backend.ip(s.ctx, "neighbour replace 10.244.2.1 lladdr 5e:0b:f4:02:00:01 dev eth0 nud permanent"))
		}
		s.nft(backend.netns, "table arp lab {\nchain output {\ntype filter hook output priority 0;\narp operation reply drop\n}\n}\n")
		s.forget(2)
		s.patience = 4 * time.Second
		ended := s.dialing(&backend.host, 0, near.at(webPort), "hang")
		s.dial(&s.client.host, web, "unreachable")
		ended()
		s.visit(s.client, other.at(webPort))
		s.dial(&s.client.host, web, "unreachable")
		s.expect("cni", 2, expectation{Rule: "cni-neighbour-unanswered", Backend: backend.at(webPort)})
		s.allow("cni-reject", "cni-no-reply", "ct-stale-blackhole")
		s.healthy()
	},
}
