package main

import "net/netip"

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
