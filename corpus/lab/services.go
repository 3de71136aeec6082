package main

import (
	"net/netip"
	"time"
)

var noEndpoints = scenario{
	name: "no-endpoints", ci: true,
	about: "Service empty has no ready endpoints: kube-proxy's REJECT answers each SYN with ICMP port-unreachable. Another Service works.",
	play: func(s *stage) {
		empty := netip.MustParseAddrPort("10.96.0.60:80")
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.service("default/empty", empty)
		s.record()
		s.visit(s.client, web)
		for range 3 {
			s.dial(&s.client.host, empty, "refused")
		}
		s.expect("service", 1, expectation{Rule: "svc-no-endpoints", Client: s.client.addr, Service: empty})
		s.healthy()
		s.forbid("app-refused", "cni-reject")
	},
}

var appRefused = scenario{
	name: "app-refused", ci: true,
	about: "The backend pod runs, and nothing listens on its port: it answers each SYN with RST itself.",
	play: func(s *stage) {
		idle, open := s.pod(2, 8), s.pod(2, 9, webPort)
		s.service("default/web", web, idle.at(webPort))
		s.record()
		s.visit(s.client, open.at(webPort))
		for range 3 {
			s.dial(&s.client.host, web, "refused")
		}
		s.expect("app", 1, expectation{Rule: "app-refused", Client: s.client.addr, Service: web, Backend: idle.at(webPort)})
		s.healthy()
		s.forbid("svc-no-endpoints", "ct-stale-reset")
	},
}

var svcNoDnat = scenario{
	name:  "svc-no-dnat",
	about: "kube-proxy never wrote rules for a Service: its SYNs leave node1 with the ClusterIP as destination, the source masqueraded. Pods and the other Service work.",
	play: func(s *stage) {
		broken := netip.MustParseAddrPort("10.96.0.77:80")
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.service("default/api", broken, backend.at(webPort)).forgotten = true
		s.record()
		s.visit(s.client, web)
		s.visit(s.client, backend.at(webPort))
		s.dial(&s.client.host, broken, "hang")
		s.expect("service", 1, expectation{Rule: "svc-no-dnat", Client: s.client.addr, Service: broken})
		s.allow("cni-no-reply")
		s.healthy()
	},
}

// backendUnknown leaves open which backend was meant: no backend has got a packet.
func (k *call) backendUnknown() {
	k.Backend, k.Encap = netip.AddrPort{}, ""
}

var nodePortEmpty = scenario{
	name:  "nodeport-no-endpoints",
	about: "A client outside calls the NodePort of a Service without endpoints: node1's REJECT answers. Another Service works.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.service("default/empty", netip.MustParseAddrPort("10.96.0.60:80")).nodePort = 30080
		s.record()
		s.visit(s.client, web)
		for range 3 {
			s.dial(s.outside, s.nodePort(1), "refused")
		}
		s.expect("service", 1, expectation{Rule: "svc-no-endpoints", Client: s.outside.addr, Service: s.nodePort(1)})
		s.healthy()
		s.forbid("app-refused", "cni-reject")
	},
}

var wrongPort = scenario{
	name:  "svc-wrong-port",
	about: "A client calls a Service on a port that it doesn't have: no rule translates it, and the SYNs leave the node with the ClusterIP as destination. The right port works.",
	play: func(s *stage) {
		wrong := netip.AddrPortFrom(web.Addr(), 8080)
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.service("default/web-wrong", wrong, backend.at(webPort)).forgotten = true
		s.record()
		s.visit(s.client, web)
		s.dial(&s.client.host, wrong, "hang")
		s.expect("service", 1, expectation{Rule: "svc-no-dnat", Client: s.client.addr, Service: wrong})
		s.allow("cni-no-reply")
		s.healthy()
	},
}

var nodePortLocalDrop = scenario{
	name:  "nodeport-local-drop",
	about: "externalTrafficPolicy Local, and the only backend is on node2: kube-proxy drops what a client outside sends to node1's port. node2's and the ClusterIP work.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		v := s.service("default/web", web, backend.at(webPort))
		v.nodePort, v.local = 30080, true
		s.record()
		s.visit(s.client, web)
		s.visitFrom(s.outside, s.nodePort(2))
		s.dial(s.outside, s.nodePort(1), "hang").backendUnknown()
		s.expect("service", 1, expectation{Rule: "svc-local-no-endpoint", Client: s.outside.addr, Service: s.nodePort(1)})
		s.allow("cni-no-reply")
		s.healthy()
	},
}

var staleReset = scenario{
	name:  "stale-reset",
	about: "The backend pod is replaced by one with the same address. A client's old connection follows its conntrack entry to the new pod, which never knew it and answers RST; new connections work.",
	play: func(s *stage) {
		old := s.pod(2, 8, webPort)
		s.service("default/web", web, old.at(webPort))
		s.record()
		kept := s.dial(&s.client.host, web, "ok").get(190, "ok")
		s.visit(s.client, web)
		s.wait(300 * time.Millisecond)
		s.replace(old)
		kept.get(190, "reset")
		s.visit(s.client, web)
		s.visit(s.client, web)
		s.expect("service", 1, expectation{Rule: "ct-stale-reset", Client: s.client.addr, Service: web, Backend: old.at(webPort)})
		s.allow("tcp-loss")
		s.healthy()
		s.forbid("app-refused")
	},
}

// replace puts a new pod in the place of one, with the same address.
func (s *stage) replace(old *pod) {
	if s.err != nil {
		return
	}
	s.fail(s.removePod(s.ctx, old))
	fresh := s.pod(old.node.number, int(old.addr.As4()[3]), webPort)
	if s.err != nil {
		return
	}
	// The new pod's gratuitous ARP would tell the node; here nobody sends one.
	s.fail(old.node.ip(s.ctx, "neighbour flush to "+old.addr.String()+" dev cni0"))
	if s.err == nil {
		s.fail(reachable(s.ctx, &old.node.host, fresh.at(webPort)))
	}
}

var staleBlackhole = scenario{
	name:  "stale-blackhole",
	about: "The backend pod is gone and kube-proxy points to another; a client's old connection still follows its conntrack entry to the dead address. New connections work.",
	play: func(s *stage) {
		old, other := s.pod(2, 8, webPort), s.pod(2, 9, webPort)
		v := s.service("default/web", web, old.at(webPort))
		s.record()
		kept := s.dial(&s.client.host, web, "ok").get(190, "ok")
		s.wait(300 * time.Millisecond)
		if s.err == nil {
			s.fail(s.removePod(s.ctx, old))
		}
		v.endpoints = []netip.AddrPort{other.at(webPort)}
		s.write()
		kept.get(190, "hang")
		for range 3 {
			s.visit(s.client, web)
		}
		s.expect("service", 1, expectation{Rule: "ct-stale-blackhole", Client: s.client.addr, Service: web, Backend: old.at(webPort)})
		s.allow("tcp-loss", "cni-reject")
		s.healthy()
		s.forbid("cni-mtu-blackhole", "svc-no-endpoints")
	},
}

var ctInvalid = scenario{
	name: "ct-invalid", shape: shape{noBridgeNetfilter: true},
	about: "Bridge netfilter is off, and the backend is on the client's node: its reply is bridged past conntrack, the client sees an address that it never called, and answers RST. Services with a backend on the other node work.",
	play: func(s *stage) {
		far := netip.MustParseAddrPort("10.96.0.51:80")
		near, other := s.pod(1, 6, webPort), s.pod(2, 8, webPort)
		s.service("default/web", web, near.at(webPort))
		s.service("default/far", far, other.at(webPort))
		s.record()
		s.visit(s.client, far)
		s.dial(&s.client.host, web, "hang")
		s.visit(s.client, near.at(webPort))
		s.expect("service", 1, expectation{Rule: "ct-invalid-reset", Client: s.client.addr, Service: web, Backend: near.at(webPort)})
		s.healthy()
		s.forbid("app-refused", "svc-no-dnat", "svc-no-endpoints")
	},
}
