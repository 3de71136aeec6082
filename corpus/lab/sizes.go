package main

import (
	"fmt"
	"net/netip"
)

// chat is a connection between the nodes themselves, whose segment size shows what the underlay carries.
func (s *stage) chat() {
	s.must(&s.nodes[1].host, order{Do: "listen", Port: 9100})
	s.visitFrom(&s.nodes[0].host, netip.AddrPortFrom(s.nodes[1].addr, 9100))
}

var mssTooBig = scenario{
	name: "mss-too-big", shape: shape{podMTU: 1500},
	about: "Pods have MTU 1500 over a VXLAN tunnel on an underlay of 1500, as a connection between the nodes shows. Only small things were sent so far: nothing is lost yet.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.chat()
		for range 5 {
			s.visit(s.client, web)
		}
		s.expect("cni", 1, expectation{Rule: "cni-mss-too-big"})
		s.allow("cni-mtu-overrun")
		s.healthy()
	},
}

var mssJumbo = scenario{
	name: "ok-mss-jumbo", shape: shape{podMTU: 1500, tunnelMTU: 1550},
	about: "The same pods on an underlay of 1600: full segments fit into the tunnel. All is well.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		if s.err == nil {
			s.fail(s.underlay.ip(s.ctx, "link set node1 mtu 1600", "link set node2 mtu 1600", "link set ext mtu 1600"))
		}
		for _, n := range s.nodes {
			if s.err == nil {
				s.fail(n.ip(s.ctx, "link set eth0 mtu 1600"))
			}
		}
		s.record()
		s.chat()
		for range 5 {
			s.visit(s.client, web)
		}
		s.dial(&s.client.host, web, "ok").get(60_000, "ok").hangUp()
		s.healthy()
	},
}

// beyond is a server behind the outside host, by a link that carries packets of 1400 bytes toward it.
func (s *stage) beyond() (server netip.AddrPort) {
	server = netip.MustParseAddrPort("203.0.113.9:8443")
	if s.err != nil {
		return server
	}
	n, err := s.space(s.ctx, "far")
	s.fail(err)
	if s.err != nil {
		return server
	}
	s.fail(s.outside.ip(s.ctx, "link add far0 type veth peer name eth0 netns "+n.name, "address add 203.0.113.1/24 dev far0", "link set far0 mtu 1400 up"))
	s.fail(s.outside.sysctl(s.ctx, "net.ipv4.ip_forward=1"))
	s.fail(n.ip(s.ctx, fmt.Sprintf("address add %s/24 dev eth0", server.Addr()), "link set eth0 up", "route add default via 203.0.113.1"))
	if s.err != nil {
		return server
	}
	a, err := startAgent(n)
	s.fail(err)
	if err == nil {
		s.helpers = append(s.helpers, a)
		s.must(&host{netns: n, agent: a, name: "far", addr: server.Addr()}, order{Do: "listen", Port: server.Port()})
	}
	return server
}

var ptbLost = scenario{
	name:  "ptb-lost",
	about: "A link beyond node1 carries packets of 1400 bytes, and its router answers larger ones with ICMP fragmentation-needed. It gets to node1, whose firewall drops it there: the pod goes on sending large segments.",
	play: func(s *stage) {
		server := s.beyond()
		s.record()
		s.iptables(1, "-I FORWARD -p icmp --icmp-type fragmentation-needed -j DROP")
		s.visit(s.client, server)
		s.dial(&s.client.host, server, "ok").get(190, "ok").upload(60_000, "hang")
		s.visit(s.client, server)
		s.expect("cni", 1, expectation{Rule: "cni-ptb-lost", Client: s.client.addr, Backend: server})
		s.allow("tcp-loss", "cni-df-drop", "cni-mtu-blackhole")
		s.healthy()
	},
}

var ptbHeard = scenario{
	name:  "ok-mtu-discovered",
	about: "The same link, and the pod gets the ICMP fragmentation-needed: it makes its segments smaller, and the upload ends well.",
	play: func(s *stage) {
		server := s.beyond()
		s.record()
		s.visit(s.client, server)
		s.dial(&s.client.host, server, "ok").get(190, "ok").upload(60_000, "ok").hangUp()
		s.allow("cni-df-drop") // as a remark
		s.healthy()
	},
}
