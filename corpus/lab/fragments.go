package main

import (
	"net/netip"
	"time"
)

// laterFragments drops what nodes send of a fragmented packet after its first part, on the way between the nodes: of packets in the tunnel, or of
// the tunnel's own.
func (s *stage) laterFragments(inTunnel bool) {
	rule := "ip frag-off & 0x1fff != 0 drop"
	if inTunnel {
		rule = "udp dport 8472 @th,288,16 & 0x1fff != 0 drop"
	}
	s.between("node1", rule)
	s.between("node2", rule)
}

// datagrams has a host send some and wants so many of them answered.
func (s *stage) datagrams(from *host, port uint16, to netip.AddrPort, n, size, answered int) {
	if s.err != nil {
		return
	}
	r, err := from.tell(s.ctx, order{Do: "datagrams", Port: port, Addr: to, Count: n, Upload: size, Timeout: 600 * time.Millisecond})
	s.fail(err)
	if r.Failure != "" || r.Count != answered {
		s.fail(errOther)
	}
}

var fragmentsLost = scenario{
	name:  "fragments-lost",
	about: "The network between the nodes drops all fragments but the first of what goes through the tunnel: a program's large datagrams are never answered, its small ones are.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.must(&backend.host, order{Do: "echo", Port: 9000})
		s.service("default/echo", netip.MustParseAddrPort("10.96.0.90:9000"), backend.at(9000)).udp = true
		s.record()
		s.laterFragments(true)
		s.visit(s.client, backend.at(webPort))
		s.datagrams(&s.client.host, 34001, netip.MustParseAddrPort("10.96.0.90:9000"), 3, 300, 3)
		s.datagrams(&s.client.host, 34002, netip.MustParseAddrPort("10.96.0.90:9000"), 5, 3000, 0)
		s.visit(s.client, backend.at(webPort))
		s.expect("cni", 2, expectation{Rule: "cni-fragments-lost", Client: s.client.addr, Backend: backend.at(9000)})
		s.allow("cni-no-reply", "cni-mtu-blackhole")
		s.healthy()
	},
}

var tunnelFragmentsLost = scenario{
	name: "fragments-lost-tunnel", shape: shape{podMTU: 1500, tunnelMTU: 1500, noOffload: true},
	about: "Pods and tunnel have MTU 1500 over an underlay of 1500: full segments leave as two fragments, and the network between the nodes drops the second one. Large answers hang, small ones pass.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.laterFragments(false)
		s.visit(s.client, web)
		s.dial(&s.client.host, web, "ok").get(190, "ok").get(60_000, "hang")
		s.visit(s.client, web)
		s.expect("cni", 1, expectation{Rule: "cni-fragments-lost"})
		s.allow("cni-mtu-blackhole", "cni-mtu-overrun", "tcp-loss", "cni-mss-too-big")
		s.forbid("cni-no-reply", "svc-no-endpoints", "svc-no-dnat", "ct-stale-blackhole", "app-zero-window")
	},
}

// bigQuestion asks for a name with many addresses, as a resolver that takes 4096 bytes does.
func (s *stage) bigQuestion(want string) {
	if s.err != nil {
		return
	}
	r, err := s.client.tell(s.ctx, order{Do: "ask", Port: 34567, Addr: kubeDNS, Path: "pods.default.svc.cluster.local", Size: 4096, Timeout: 2 * time.Second})
	s.fail(err)
	if r.Failure != want {
		s.fail(errOther)
	}
}

// manyPods is a headless Service whose addresses take some 2.4 KB.
func (s *stage) manyPods() {
	s.names.Many = map[string]int{"pods.default.svc.cluster.local": 150}
	s.dns()
	s.resolver(s.client, "")
}

var dnsFragmented = scenario{
	name:  "dns-fragmented",
	about: "A resolver that takes 4096 bytes over UDP asks for a name with 150 addresses, and the network between the nodes drops all fragments but the first: two tries fail, TCP works. Small answers arrive.",
	play: func(s *stage) {
		s.manyPods()
		s.record()
		s.laterFragments(true)
		s.ask(s.client, "glibc", "web")
		s.bigQuestion("hang")
		s.bigQuestion("hang")
		s.must(&s.client.host, order{Do: "ask", Addr: kubeDNS, Path: "pods.default.svc.cluster.local", TCP: true, Timeout: 2 * time.Second})
		s.ask(s.client, "glibc", "web.default.svc.cluster.local.")
		s.lookups = nil
		s.expect("dns", 1, expectation{Rule: "dns-fragmented", Client: s.client.addr})
		s.allow("dns-no-response", "dns-intermittent-timeout", "cni-fragments-lost", "dns-slow", "dns-tcp-fallback")
		s.healthy()
	},
}

var dnsFragments = scenario{
	name:  "ok-dns-fragments",
	about: "The same large answer in fragments that all arrive: the client has it at once.",
	play: func(s *stage) {
		s.manyPods()
		s.record()
		s.ask(s.client, "glibc", "web")
		s.bigQuestion("")
		s.bigQuestion("")
		s.lookups = nil
		s.healthy()
	},
}
