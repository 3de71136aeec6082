package main

import (
	"net/netip"
	"slices"
	"time"
)

var synStale = scenario{
	name:  "syn-stale-gone",
	about: "A client calls a Service whose only backend has just gone. kube-proxy points to another one half a second later, and the SYNs that are sent again still follow their conntrack entry to the dead address; new connections work.",
	play: func(s *stage) {
		old, other := s.pod(2, 8, webPort), s.pod(2, 9, webPort)
		v := s.service("default/web", web, old.at(webPort))
		s.record()
		s.visit(s.client, web)
		if s.err == nil {
			s.fail(s.removePod(s.ctx, old))
		}
		s.patience = 2800 * time.Millisecond // shorter than ARP's
		ended := s.dialing(&s.client.host, 0, web, "hang")
		s.wait(500 * time.Millisecond)
		v.endpoints = []netip.AddrPort{other.at(webPort)}
		s.write()
		for range 4 {
			s.visit(s.client, web)
			s.wait(500 * time.Millisecond)
		}
		ended()
		s.visit(s.client, web)
		s.expect("service", 1, expectation{Rule: "ct-syn-stale", Client: s.client.addr, Service: web, Backend: old.at(webPort)})
		s.allow("ct-stale-blackhole", "cni-no-reply")
		s.healthy()
	},
}

var synEarly = scenario{
	name:  "syn-stale-untranslated",
	about: "A client calls a Service half a second before kube-proxy has written its rules: its SYN leaves the node untranslated, and so do those that it sends again, by their conntrack entry. New connections work.",
	play: func(s *stage) {
		young := netip.MustParseAddrPort("10.96.0.77:80")
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		v := s.service("default/api", young, backend.at(webPort))
		v.forgotten = true
		s.record()
		s.visit(s.client, web)
		ended := s.dialing(&s.client.host, 0, young, "hang")
		s.wait(500 * time.Millisecond)
		v.forgotten = false
		s.write()
		for range 4 {
			s.visit(s.client, young)
			s.wait(500 * time.Millisecond)
		}
		ended().backendUnknown()
		s.visit(s.client, young)
		s.expect("service", 1, expectation{Rule: "ct-syn-stale", Client: s.client.addr, Service: young})
		s.allow("cni-no-reply")
		s.healthy()
	},
}

var tableFull = scenario{
	name:  "ct-table-full",
	about: "What node1 has no conntrack entry for is dropped for some seconds, where conntrack itself would drop it if its table were full (a rule right behind it stands for that: the limit is the whole machine's): new connections of both pods vanish between veth and bridge, and an established one goes on.",
	play: func(s *stage) {
		backend, other := s.pod(2, 8, webPort), s.pod(1, 7)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.visit(other, backend.at(webPort))
		kept := s.dial(&s.client.host, web, "ok").get(190, "ok")
		s.iptables(1, "-t mangle -I PREROUTING -i cni0 -m conntrack --ctstate NEW -j DROP")
		a, b := s.dialing(&s.client.host, 0, web, "hang"), s.dialing(&other.host, 0, web, "hang")
		c := s.dialing(&other.host, 0, backend.at(webPort), "hang")
		for range 3 {
			s.wait(time.Second)
			kept.get(190, "ok")
		}
		for _, ended := range []func() *call{a, b, c} {
			ended().backendUnknown()
		}
		s.iptables(1, "-t mangle -D PREROUTING -i cni0 -m conntrack --ctstate NEW -j DROP")
		s.visit(s.client, web)
		s.visit(other, web)
		kept.get(190, "ok").hangUp()
		s.expect("service", 1, expectation{Rule: "ct-table-full"})
		s.Connections = slices.DeleteFunc(s.Connections, func(k *connection) bool { return k.Outcome == "hang" }) // where they were to go can't be known
		s.allow("cni-no-reply", "svc-no-dnat")
		s.healthy()
	},
}
