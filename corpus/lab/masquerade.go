package main

import (
	"strings"
	"time"
)

var snatCollision = scenario{
	name:  "snat-collision",
	about: "Two pods call one outside server, and node1 gives both the same source address and port. While the first connection lives, conntrack can't insert the second and drops its SYN inside the node; the one sent again after a second passes.",
	play: func(s *stage) {
		other := s.pod(1, 7)
		s.internetServer()
		if s.err == nil {
			s.fail(s.nodes[0].sysctl(s.ctx, "net.netfilter.nf_conntrack_tcp_timeout_time_wait=1")) // a port is free again sooner
		}
		s.record()
		s.visit(other, internet)
		s.iptables(1, "-t nat -I POSTROUTING -p tcp -d "+internet.Addr().String()+" -j SNAT --to-source "+node1Addr+":50000")
		for range 3 {
			s.dial(&s.client.host, internet, "ok").get(190, "ok").hangUpIn(500 * time.Millisecond)
			s.visit(other, internet)
		}
		s.expect("service", 1, expectation{Rule: "ct-snat-collision", Client: other.addr, Backend: internet})
		s.healthy()
		s.forbid("tcp-loss", "cni-no-reply")
	},
}

var snatFirstLost = scenario{
	name:  "snat-first-lost",
	about: "The network beyond node1 loses the first SYN of every connection to an outside server: it is seen leaving node1. The one sent again passes.",
	play: func(s *stage) {
		other := s.pod(1, 7)
		s.internetServer()
		s.record()
		if s.err == nil {
			_, err := s.outside.exec(s.ctx, "", "iptables", strings.Fields("-w 5 -t raw -I PREROUTING -p tcp --syn --dport 8443 -m statistic --mode nth --every 2 --packet 0 -j DROP")...)
			s.fail(err)
		}
		for range 2 {
			s.visit(s.client, internet)
			s.visit(other, internet)
		}
		s.allow("tcp-loss")
		s.forbid("ct-snat-collision", "ct-table-full", "svc-ipvs-reuse-delay", "app-backlog-full", "cni-no-reply", "ct-idle-reset", "app-refused", "ct-syn-stale")
	},
}
