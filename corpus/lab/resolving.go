package main

import (
	"net/netip"
	"time"
)

var dnsGlibc = scenario{
	name:  "dns-ndots-glibc",
	about: "A pod with three search domains and ndots:5, on glibc: a short name of the cluster is found at once, names outside walk the list, one with a dot at its end does not.",
	play: func(s *stage) {
		s.pod(2, 8, webPort)
		s.names.Addresses["payments.example.org"] = netip.MustParseAddr("203.0.113.40")
		s.dns()
		s.resolver(s.client, "")
		s.record()
		s.ask(s.client, "glibc", "web")
		s.ask(s.client, "glibc", "api.example.com")
		s.ask(s.client, "glibc", "www.example.com.")
		s.ask(s.client, "glibc", "payments.example.org")
		s.expect("dns", 1, expectation{Rule: "dns-search-expansion", Client: s.client.addr})
		s.healthy()
	},
}

var dnsMusl = scenario{
	name:  "dns-musl",
	about: "The same on musl, as in Alpine's images: it asks for both address families at once.",
	play: func(s *stage) {
		s.dns()
		s.resolver(s.client, "")
		s.record()
		s.ask(s.client, "musl", "web")
		s.ask(s.client, "musl", "api.example.com")
		s.ask(s.client, "musl", "www.example.com.")
		s.expect("dns", 1, expectation{Rule: "dns-search-expansion", Client: s.client.addr})
		s.healthy()
	},
}

var dnsDrop = scenario{
	name:  "dns-drop",
	about: "A policy on node1 drops a pod's DNS queries; its other traffic works, and so does another pod's DNS.",
	play: func(s *stage) {
		other, backend := s.pod(1, 7), s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.dns()
		// A second instead of five a try, so that it doesn't take 20 s; the pattern is the same.
		s.resolver(s.client, "timeout:1 attempts:2")
		s.resolver(other, "")
		s.record()
		s.iptables(1, "-I FORWARD -s "+s.client.addr.String()+" -p udp --dport 53 -j DROP")
		s.ask(other, "glibc", "www.example.com.")
		s.visit(s.client, web)
		// No query reaches the server that counts: both types, two tries of the first candidate, two of the bare name.
		*s.ask(s.client, "glibc", "web") = lookup{Client: s.client.addr, Name: "web", Queries: 4, Retries: 4, Outcome: "timeout", Resolver: "glibc"}
		s.expect("dns", 1, expectation{Rule: "dns-no-response", Client: s.client.addr})
		s.allow("cni-no-reply")
		s.healthy()
		s.forbid("dns-intermittent-timeout")
	},
}

var dnsServfail = scenario{
	name:  "dns-servfail",
	about: "The cluster's DNS cannot reach its upstream, whose host answers ICMP port-unreachable: names outside get SERVFAIL, the cluster's own work.",
	play: func(s *stage) {
		s.names.Upstream = netip.MustParseAddrPort(outsideAddr + ":53")
		s.dns()
		s.resolver(s.client, "")
		s.record()
		s.ask(s.client, "glibc", "web")
		s.ask(s.client, "glibc", "api.example.com")
		s.expect("dns", 1, expectation{Rule: "dns-servfail", Client: s.client.addr})
		s.allow("dns-search-expansion", "dns-slow", "dns-nxdomain", "cni-reject", "dns-no-response")
		s.forbid("svc-no-endpoints", "cni-no-reply")
	},
}

var dnsLossy = scenario{
	name:  "dns-lossy",
	about: "Every ninth DNS query gets lost on node1: some lookups take as long as the resolver's patience, the others milliseconds.",
	play: func(s *stage) {
		s.dns()
		s.resolver(s.client, "timeout:1")
		s.record()
		s.iptables(1, "-I FORWARD -p udp --dport 53 -m statistic --mode nth --every 9 --packet 4 -j DROP")
		for range 12 {
			s.ask(s.client, "glibc", "web")
		}
		s.lookups = nil // the server counts only queries that reached it
		s.expect("dns", 1, expectation{Rule: "dns-intermittent-timeout", Client: s.client.addr})
		s.allow("dns-slow")
		s.healthy()
		s.forbid("dns-no-response")
	},
}

var dnsSlowUpstream = scenario{
	name:  "dns-ndots-slow",
	about: "The cluster's DNS is slow with names outside, and a pod's search list ends in one: each of those candidates costs half a second.",
	play: func(s *stage) {
		s.names.Delay = 500 * time.Millisecond
		s.dns()
		s.resolver(s.client, "")
		if s.err == nil {
			// The node's own domain comes last, and its candidates are asked upstream as well.
			s.fail(s.client.configure("resolv.conf", "search default.svc.cluster.local svc.cluster.local cluster.local corp.example\nnameserver 10.96.0.10\noptions ndots:5\n"))
		}
		s.record()
		s.ask(s.client, "glibc", "api.example.com")
		s.lookups = nil // the candidates are more than those that are counted
		s.expect("dns", 1, expectation{Rule: "dns-search-expansion", Client: s.client.addr})
		s.allow("dns-slow")
		s.healthy()
	},
}

var dnsTruncated = scenario{
	name:  "dns-truncated-tcp",
	about: "A headless Service has 60 addresses: the answer does not fit into a datagram, and glibc asks again over TCP.",
	play: func(s *stage) {
		s.names.Many = map[string]int{"pods.default.svc.cluster.local": 60}
		s.dns()
		s.resolver(s.client, "")
		s.record()
		s.ask(s.client, "glibc", "pods")
		s.lookups = nil // rounds over UDP and TCP are a matter of glibc's version
		s.expect("none", 1, expectation{Rule: "dns-tcp-fallback", Client: s.client.addr})
		s.healthy()
	},
}

var staleUDP = scenario{
	name:  "stale-udp-dns",
	about: "A program keeps one socket for its DNS queries. The DNS pod is gone, the conntrack entry stays: that socket's queries go to the dead pod, while new sockets reach the other one.",
	play: func(s *stage) {
		old := s.pod(2, 4)
		s.dns()
		living := s.nameserve
		s.must(&old.host, order{Do: "dns", Names: &s.names})
		for _, v := range s.services {
			v.endpoints = []netip.AddrPort{old.at(53)}
		}
		s.resolver(s.client, "")
		s.record()
		question := order{Do: "ask", Port: 34567, Addr: kubeDNS, Path: "web.default.svc.cluster.local", Timeout: 800 * time.Millisecond}
		s.must(&s.client.host, question)
		if s.err == nil {
			s.fail(s.removePod(s.ctx, old))
		}
		for _, v := range s.services {
			v.endpoints = []netip.AddrPort{living.at(53)}
		}
		s.write()
		for range 5 {
			if s.err == nil {
				r, err := s.client.tell(s.ctx, question)
				s.fail(err)
				if r.Failure != "hang" {
					s.fail(errOther)
				}
			}
			s.ask(s.client, "glibc", "web")
		}
		s.lookups = nil // one name many times, partly from a socket that gets no answers
		s.expect("service", 1, expectation{Rule: "ct-stale-udp", Client: s.client.addr, Service: kubeDNS, Backend: old.at(53)})
		s.allow("dns-no-response", "dns-intermittent-timeout", "cni-reject", "cni-no-reply")
		s.forbid("svc-no-dnat", "svc-no-endpoints")
	},
}

var dnsEmpty = scenario{
	name:  "dns-no-endpoints",
	about: "The DNS Service has no ready endpoints: kube-proxy's REJECT answers each query with ICMP port-unreachable. Another Service works by its address.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.service("kube-system/kube-dns", kubeDNS).udp = true
		s.resolver(s.client, "timeout:1")
		s.record()
		s.visit(s.client, web)
		s.ask(s.client, "glibc", "web")
		s.lookups = nil // how often glibc asks a server that refuses is its own affair
		s.expect("service", 1, expectation{Rule: "svc-no-endpoints", Client: s.client.addr, Service: kubeDNS})
		s.allow("dns-no-response")
		s.healthy()
	},
}

var dnsDead = scenario{
	name:  "dns-dead",
	about: "The only DNS pod runs, and its server is not listening: it answers each query with ICMP port-unreachable itself.",
	play: func(s *stage) {
		backend, idle := s.pod(2, 8, webPort), s.pod(2, 3)
		s.service("default/web", web, backend.at(webPort))
		s.service("kube-system/kube-dns", kubeDNS, idle.at(53)).udp = true
		s.resolver(s.client, "timeout:1")
		s.record()
		s.visit(s.client, web)
		s.ask(s.client, "glibc", "web")
		s.lookups = nil
		s.expect("dns", 1, expectation{Rule: "dns-no-response", Client: s.client.addr})
		s.allow("app-refused", "cni-reject")
		s.forbid("svc-no-endpoints", "svc-no-dnat", "cni-no-reply")
	},
}
