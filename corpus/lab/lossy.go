package main

import "net/netip"

var tcpLoss = scenario{
	name: "tcp-loss", shape: shape{noOffload: true},
	about: "The network between the nodes loses some of the packets: real retransmissions, each seen on several interfaces. The transfers end well.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.iptables(1, "-t raw -I PREROUTING -p udp --dport 8472 -m statistic --mode random --probability 0.02 -j DROP")
		for range 3 {
			s.dial(&s.client.host, web, "ok").get(400_000, "ok").hangUp()
		}
		s.expect("cni", 2, expectation{Rule: "tcp-loss", Client: s.client.addr, Backend: backend.at(webPort)})
		s.healthy()
		s.forbid("cni-mtu-blackhole", "ct-stale-blackhole")
	},
}

var oneOfThree = scenario{
	name:  "one-of-three",
	about: "One of a Service's three backends is cut off by a policy: every third connection hangs, the others are well.",
	play: func(s *stage) {
		open, closed, near := s.pod(2, 8, webPort), s.pod(2, 9, webPort), s.pod(1, 6, webPort)
		s.service("default/web", web, open.at(webPort), closed.at(webPort), near.at(webPort))
		s.record()
		s.iptables(2, "-I FORWARD -d "+closed.addr.String()+" -m conntrack --ctstate NEW -j DROP")
		hung := 0
		for _, k := range s.visits(&s.client.host, web, 24, 190) {
			if k.Outcome != "hang" {
				k.check("visit", k.Outcome, "ok")
				continue
			}
			hung++
			k.Backend = closed.at(webPort)
			k.tunnel()
		}
		if hung == 0 {
			s.fail(errOther)
		}
		s.expect("cni", 1, expectation{Rule: "cni-no-reply", Client: s.client.addr, Service: web, Backend: closed.at(webPort)})
		s.healthy()
	},
}

var egressDrop = scenario{
	name:  "policy-egress-drop",
	about: "A NetworkPolicy on the client's node drops what its pod sends to one backend: SYNs never leave the node. Another pod's do, and the client reaches others.",
	play: func(s *stage) {
		backend, other, friend := s.pod(2, 8, webPort), s.pod(2, 9, webPort), s.pod(1, 6)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.iptables(1, "-I FORWARD -s "+s.client.addr.String()+" -d "+backend.addr.String()+" -m conntrack --ctstate NEW -j DROP")
		s.visit(friend, web)
		s.visit(s.client, other.at(webPort))
		s.dial(&s.client.host, web, "hang").untunnelled()
		s.expect("cni", 1, expectation{Rule: "cni-no-reply", Client: s.client.addr, Service: web, Backend: backend.at(webPort)})
		s.healthy()
	},
}

// untunnelled notes that a connection never got as far as the tunnel.
func (k *call) untunnelled() { k.Encap = "" }

var routeMissing = scenario{
	name:  "route-missing",
	about: "node1 has lost its route to node2's pods: their packets leave its uplink as they are, toward the data centre's router, and get lost. Pods of the same node talk.",
	play: func(s *stage) {
		near, far := s.pod(1, 6, webPort), s.pod(2, 8, webPort)
		s.service("default/web", web, far.at(webPort))
		s.record()
		s.visit(s.client, web)
		if s.err == nil {
			s.fail(s.nodes[0].ip(s.ctx, "route delete 10.244.2.0/24"))
		}
		s.visit(s.client, near.at(webPort))
		s.dial(&s.client.host, web, "hang").untunnelled()
		s.dial(&s.client.host, far.at(webPort), "hang").untunnelled()
		s.expect("cni", 1, expectation{Rule: "cni-no-reply", Client: s.client.addr, Backend: far.at(webPort)})
		s.forbid("svc-no-dnat", "svc-no-endpoints", "cni-tunnel-oneway", "ct-stale-blackhole", "ct-stale-reset")
	},
}

var hostUnreachable = scenario{
	name:  "host-unreachable",
	about: "A client still uses the address of a pod that is gone: node2 gets no answer to ARP and returns ICMP host-unreachable after some 3 s.",
	play: func(s *stage) {
		gone := netip.MustParseAddrPort("10.244.2.77:8080")
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.dial(&s.client.host, gone, "unreachable")
		s.expect("cni", 1, expectation{Rule: "cni-reject", Client: s.client.addr, Backend: gone})
		s.allow("cni-no-reply")
		s.healthy()
		s.forbid("svc-no-endpoints", "cni-mtu-blackhole")
	},
}

var outerFragments = scenario{
	name: "mtu-outer-frag", shape: shape{podMTU: 1500, tunnelMTU: 1500, noOffload: true},
	about: "Pods and tunnel have MTU 1500 over an underlay of 1500, the outer packets have no DF: every full segment leaves as two fragments. It works.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		for range 2 {
			s.dial(&s.client.host, web, "ok").get(100_000, "ok").hangUp()
		}
		s.expect("cni", 2, expectation{Rule: "cni-mtu-overrun"})
		s.allow("tcp-loss", "cni-mss-too-big")
		s.forbid("cni-mtu-blackhole", "svc-no-endpoints", "svc-no-dnat", "app-refused", "cni-no-reply", "cni-reject", "cni-df-drop")
	},
}
