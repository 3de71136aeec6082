package main

import "net/netip"

var okCrossNode = scenario{
	name: "ok-clusterip-crossnode", ci: true,
	about: "A pod on node1 calls a Service whose backend is on node2, through VXLAN. All is well.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		for range 3 {
			s.visit(s.client, web)
		}
		s.dial(&s.client.host, web, "ok").get(300_000, "ok").get(68, "ok").hangUp()
		s.healthy()
	},
}

var okSameNode = scenario{
	name:  "ok-clusterip-samenode",
	about: "A pod calls a Service whose backend is on its own node, with bridge netfilter. All is well.",
	play: func(s *stage) {
		backend := s.pod(1, 6, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		for range 3 {
			s.visit(s.client, web)
		}
		s.dial(&s.client.host, web, "ok").get(300_000, "ok").hangUp()
		s.healthy()
	},
}

var okNodePort = scenario{
	name:  "ok-nodeport-cluster",
	about: "A client outside calls a NodePort of node1 (externalTrafficPolicy Cluster), the backend is on node2: node1 puts its own address in the client's place.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort)).nodePort = 30080
		s.record()
		for range 3 {
			s.visitFrom(s.outside, s.nodePort(1))
		}
		s.expect("none", 1, expectation{Rule: "svc-snat-client-lost", Client: s.outside.addr, Service: s.nodePort(1), Backend: backend.at(webPort)})
		s.healthy()
	},
}

// nodePort is port 30080 of a node.
func (s *stage) nodePort(node int) netip.AddrPort {
	return netip.AddrPortFrom(s.nodes[node-1].addr, 30080)
}

var hairpinOK = scenario{
	name:  "hairpin-ok",
	about: "A pod calls its own Service and gets itself as the backend. Hairpin mode is on and kube-proxy masquerades, so it works.",
	play: func(s *stage) {
		own := s.pod(1, 6, webPort)
		s.service("default/web", web, own.at(webPort))
		s.record()
		s.visit(s.client, web)
		for range 3 {
			s.visit(own, web)
		}
		s.expect("none", 1, expectation{Rule: "svc-hairpin", Client: own.addr, Service: web, Backend: own.at(webPort)})
		s.healthy()
	},
}
