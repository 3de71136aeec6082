package main

import (
	"net/netip"
	"time"
)

var okMix = scenario{
	name:  "ok-mix",
	about: "Ordinary life: two hundred connections of several clients at once, to Services on both nodes, to pods, through a NodePort with a backend on the spot, out of the cluster; lookups between them.",
	play: func(s *stage) {
		near, far, second := s.pod(1, 6, webPort), s.pod(2, 8, webPort), s.pod(2, 5)
		api := netip.MustParseAddrPort("10.96.0.70:80")
		s.service("default/web", web, near.at(webPort), far.at(webPort))
		v := s.service("shop/api", api, near.at(webPort))
		v.nodePort, v.local = 30080, true
		s.dns()
		s.resolver(s.client, "")
		s.resolver(second, "")
		s.must(s.outside, order{Do: "listen", Port: 8443})
		s.record()
		for _, from := range []*host{&s.client.host, &second.host} {
			allWent(s.visits(from, web, 25, 3000), "ok")
			allWent(s.visits(from, api, 25, 190), "ok")
			allWent(s.visits(from, far.at(webPort), 20, 20_000), "ok")
			allWent(s.visits(from, netip.AddrPortFrom(s.outside.addr, 8443), 10, 190), "ok")
		}
		s.ask(s.client, "glibc", "web")
		s.ask(second, "glibc", "web.default.svc.cluster.local.")
		allWent(s.visits(s.outside, s.nodePort(1), 20, 190), "ok")
		allWent(s.visits(&s.nodes[0].host, near.at(webPort), 10, 190), "ok") // a kubelet's probes
		s.healthy()
	},
}

var okNodeClient = scenario{
	name:  "ok-node-client",
	about: "A program on the node itself calls Services, with backends on both nodes: no leg shows the Service's address. All is well.",
	play: func(s *stage) {
		near, far := s.pod(1, 6, webPort), s.pod(2, 8, webPort)
		s.service("default/web", web, near.at(webPort), far.at(webPort))
		s.record()
		for _, k := range s.visits(&s.nodes[0].host, web, 8, 3000) {
			k.check("visit", k.Outcome, "ok")
			// No packet carries the address that the program called.
			k.Service = netip.AddrPort{}
		}
		// It is seen from the address that the node chose, or took in its place.
		s.Connections = []*connection{}
		s.healthy()
	},
}

var okRollout = scenario{
	name:  "ok-rollout",
	about: "A backend is replaced in order: connections are closed first, then the Service points to the new pod. All is well.",
	play: func(s *stage) {
		old, fresh := s.pod(2, 8, webPort), s.pod(1, 9, webPort)
		v := s.service("default/web", web, old.at(webPort))
		s.record()
		kept := s.dial(&s.client.host, web, "ok").get(190, "ok").get(5000, "ok")
		allWent(s.visits(&s.client.host, web, 5, 190), "ok")
		kept.get(190, "ok").hangUp()
		v.endpoints = []netip.AddrPort{fresh.at(webPort)}
		s.write()
		s.wait(200 * time.Millisecond)
		if s.err == nil {
			s.fail(s.removePod(s.ctx, old))
		}
		allWent(s.visits(&s.client.host, web, 5, 190), "ok")
		s.healthy()
	},
}

var serverStalls = scenario{
	name:  "server-stalls",
	about: "A server takes long for large answers and is quick with small ones; nothing is lost.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.dial(&s.client.host, web, "ok").getPath("slow/60000", "ok").hangUp()
		s.visit(s.client, web)
		s.healthy()
	},
}

var appReset = scenario{
	name:  "app-reset",
	about: "The application aborts established connections: no stale entry, no missing endpoint.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.dial(&s.client.host, web, "ok").get(190, "ok").getPath("reset", "reset")
		s.dial(&s.client.host, web, "ok").getPath("reset", "reset")
		s.visit(s.client, web)
		s.forbid("ct-stale-reset", "svc-no-endpoints", "app-refused", "ct-invalid-reset", "cni-no-reply", "tcp-loss")
	},
}

var midstream = scenario{
	name:  "ok-midstream",
	about: "The capture begins while connections are under way; they go on and end well.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.write()
		if s.err == nil {
			s.fail(s.ready(s.ctx))
		}
		first := s.dial(&s.client.host, web, "ok").get(30_000, "ok")
		second := s.dial(&s.client.host, backend.at(webPort), "ok").get(190, "ok")
		s.record()
		first.get(60_000, "ok").get(190, "ok").hangUp()
		second.get(190, "ok").hangUp()
		s.visit(s.client, web)
		s.healthy()
	},
}

var zeroWindow = scenario{
	name:  "ok-zero-window",
	about: "A client is slow to read a large answer: the server waits with its window closed, and all ends well.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.dial(&s.client.host, web, "ok").ask(order{Path: "8000000", Wait: 2500 * time.Millisecond}, "ok").hangUp()
		s.visit(s.client, web)
		s.healthy()
	},
}

var portReuse = scenario{
	name:  "ok-port-reuse",
	about: "A client calls again and again from one port, as soon as the server has hung up. All is well.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		for range 4 {
			k := s.dialFrom(&s.client.host, 45000, web, "ok").getPath("last/190", "ok")
			s.wait(20 * time.Millisecond) // for the server's FIN: who closes first keeps the port
			k.hangUp()
			s.wait(100 * time.Millisecond)
		}
		s.healthy()
	},
}

// must has a host carry out an order.
func (s *stage) must(h *host, o order) {
	if s.err == nil {
		s.fail(h.order(s.ctx, o))
	}
}
