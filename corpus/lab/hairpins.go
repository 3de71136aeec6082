package main

import (
	"slices"
	"time"
)

var hairpinOff = scenario{
	name: "hairpin-off", shape: shape{noHairpin: true},
	about: "A pod calls its own Service and gets itself as the backend, and hairpin mode is off on its bridge port: the SYN never comes back in. Another pod reaches the Service.",
	play: func(s *stage) {
		own := s.pod(1, 6, webPort)
		s.service("default/web", web, own.at(webPort))
		s.record()
		s.visit(s.client, web)
		for range 2 {
			s.dial(&own.host, web, "hang").backendUnknown()
		}
		s.expect("service", 1, expectation{Rule: "svc-hairpin-drop", Client: own.addr, Service: web})
		s.allow("cni-no-reply")
		s.forbid("svc-no-dnat", "svc-no-endpoints", "cni-mtu-blackhole")
	},
}

var hairpinHalf = scenario{
	name: "hairpin-off-half", shape: shape{noHairpin: true},
	about: "A pod that is one of its Service's two backends calls that Service, without hairpin mode. A SYN that is to come back in gets lost, and is translated anew when it is sent again: some connections hang, others take seconds, as luck will have it.",
	play: func(s *stage) {
		own, other := s.pod(1, 6, webPort), s.pod(2, 8, webPort)
		s.service("default/web", web, own.at(webPort), other.at(webPort))
		s.record()
		allWent(s.visits(&s.client.host, web, 8, 190), "ok")
		s.patience = 2500 * time.Millisecond // three SYNs, of which each may be unlucky
		calls := s.visits(&own.host, web, 24, 190)
		for _, k := range calls {
			if k.Outcome == "hang" {
				k.backendUnknown()
			} else {
				k.check("visit", k.Outcome, "ok")
			}
		}
		if s.err == nil && !slices.ContainsFunc(calls, func(k *call) bool { return k.Outcome == "hang" }) {
			s.fail(errOther)
		}
		s.expect("service", 1, expectation{Rule: "svc-hairpin-drop", Client: own.addr, Service: web})
		s.allow("cni-no-reply")
		s.forbid("svc-no-dnat", "svc-no-endpoints", "cni-mtu-blackhole", "ct-stale-blackhole")
	},
}

var hairpinBare = scenario{
	name:  "hairpin-nomasq",
	about: "A pod calls its own Service and gets itself as the backend; hairpin mode is on, and nobody masquerades: the SYN comes back with the pod's own address as its source, and the pod drops it.",
	play: func(s *stage) {
		own := s.pod(1, 6, webPort)
		s.service("default/web", web, own.at(webPort))
		s.record()
		if s.err == nil {
			s.iptables(1, "-t nat -F "+chain("KUBE-SEP-", "default/web:http", "tcp", own.at(webPort).String()),
				"-t nat -A "+chain("KUBE-SEP-", "default/web:http", "tcp", own.at(webPort).String())+" -p tcp -m tcp -j DNAT --to-destination "+own.at(webPort).String())
		}
		s.visit(s.client, web)
		for range 2 {
			s.dial(&own.host, web, "hang")
		}
		s.expect("service", 1, expectation{Rule: "svc-hairpin-drop", Client: own.addr, Service: web})
		s.allow("cni-no-reply")
		s.forbid("svc-no-dnat", "svc-no-endpoints", "cni-mtu-blackhole")
	},
}
