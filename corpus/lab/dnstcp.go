package main

// truncated is the common part of the two scenarios of a server that truncates an answer and can't be asked over TCP.
func truncated(s *stage, block string) {
	s.names.Many = map[string]int{"pods.default.svc.cluster.local": 60}
	s.dns()
	s.resolver(s.client, "timeout:1 attempts:2")
	s.record()
	s.iptables(2, block)
	s.ask(s.client, "glibc", "web")
	s.ask(s.client, "glibc", "pods.default.svc.cluster.local.")
	s.lookups = nil
	s.Connections = []*connection{}
	s.expect("dns", 1, expectation{Rule: "dns-tcp-blocked", Client: s.client.addr})
	s.allow("dns-tcp-fallback", "dns-no-response", "dns-slow", "dns-intermittent-timeout", "app-refused", "cni-no-reply", "cni-reject")
	s.healthy()
}

var dnsTCPRefused = scenario{
	name:  "dns-tcp-refused",
	about: "A name's addresses do not fit into a datagram, the answer is truncated, and a rule on the server's node refuses TCP to port 53 with a RST.",
	play: func(s *stage) {
		truncated(s, "-I FORWARD -p tcp --dport 53 -j REJECT --reject-with tcp-reset")
	},
}

var dnsTCPSilent = scenario{
	name:  "dns-tcp-silent",
	about: "The same, and a policy drops TCP to port 53 without a word.",
	play:  func(s *stage) { truncated(s, "-I FORWARD -p tcp --dport 53 -j DROP") },
}
