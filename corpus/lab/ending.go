package main

import (
	"net/netip"
	"slices"
	"time"
)

// mixed marks the backend of those visits to a Service that did not end well, and makes sure that the rest did, and that both exist.
func (s *stage) mixed(calls []*call, bad *pod, outcomes ...string) {
	s.some(calls, "ok", outcomes...)
	failed := 0
	for _, k := range calls {
		if k.Outcome != "ok" {
			failed++
			k.Backend = bad.at(webPort)
			k.tunnel()
		}
	}
	if failed == 0 && s.err == nil {
		s.fail(errOther)
	}
}

var terminating = scenario{
	name:  "terminating-refused",
	about: "One of two backends ends its process while the pod stays, and stays in the Service for 2 s: what goes to it then is refused. Before and after all is well, and the other one answers all the time.",
	play: func(s *stage) {
		old, other := s.pod(2, 8, webPort), s.pod(2, 9, webPort)
		v := s.service("default/web", web, old.at(webPort), other.at(webPort))
		s.record()
		allWent(s.visits(&s.client.host, web, 10, 190), "ok")
		s.must(&old.host, order{Do: "stop", Port: webPort})
		for range 3 {
			s.mixed(s.visits(&s.client.host, web, 6, 190), old, "refused")
			s.wait(600 * time.Millisecond)
		}
		v.endpoints = []netip.AddrPort{other.at(webPort)}
		s.write()
		allWent(s.visits(&s.client.host, web, 10, 190), "ok")
		s.expect("service", 1, expectation{Rule: "svc-endpoint-terminating", Client: s.client.addr, Service: web, Backend: old.at(webPort)})
		s.healthy()
	},
}

var terminatingGone = scenario{
	name:  "terminating-gone",
	about: "One of two backends is deleted and stays in the Service for 5 s: what goes to it is refused for a moment, then lost, then answered with ICMP host-unreachable by node2. The other one answers all the time.",
	play: func(s *stage) {
		old, other := s.pod(2, 8, webPort), s.pod(1, 9, webPort)
		v := s.service("default/web", web, old.at(webPort), other.at(webPort))
		s.record()
		allWent(s.visits(&s.client.host, web, 10, 190), "ok")
		s.must(&old.host, order{Do: "stop", Port: webPort})
		s.mixed(s.visits(&s.client.host, web, 8, 190), old, "refused")
		if s.err == nil {
			s.fail(s.removePod(s.ctx, old))
		}
		s.patience = 4 * time.Second // longer than ARP's
		s.mixed(s.visits(&s.client.host, web, 8, 190), old, "unreachable", "hang")
		s.mixed(s.visits(&s.client.host, web, 8, 190), old, "unreachable", "hang")
		v.endpoints = []netip.AddrPort{other.at(webPort)}
		s.write()
		allWent(s.visits(&s.client.host, web, 10, 190), "ok")
		s.expect("service", 1, expectation{Rule: "svc-endpoint-terminating", Client: s.client.addr, Service: web, Backend: old.at(webPort)})
		s.Connections = slices.DeleteFunc(s.Connections, func(k *connection) bool { return k.Outcome == "hang" }) // the ICMP came too late for the client
		s.healthy()
	},
}

var halfDown = scenario{
	name:  "half-refused",
	about: "One of two backends has never listened, and refuses from the first to the last second.",
	play: func(s *stage) {
		idle, other := s.pod(2, 8), s.pod(2, 9, webPort)
		s.service("default/web", web, idle.at(webPort), other.at(webPort))
		s.record()
		for range 3 {
			s.mixed(s.visits(&s.client.host, web, 8, 190), idle, "refused")
			s.wait(700 * time.Millisecond)
		}
		s.expect("app", 1, expectation{Rule: "app-refused", Client: s.client.addr, Service: web, Backend: idle.at(webPort)})
		s.healthy()
	},
}
