package main

import "time"

// Servers that let connections wait do so for this long: longer than clients' patience.
const paused = 5 * time.Second

var backlogFull = scenario{
	name:  "backlog-full",
	about: "A server accepts nothing for 5 s, and its kernel keeps three connections for it: those are established and wait, the SYNs of others get to the pod and are dropped there. Before and after it answers.",
	play: func(s *stage) {
		backend, other := s.pod(2, 8), s.pod(2, 9, webPort)
		s.must(&backend.host, order{Do: "listen", Port: webPort, Manner: &manner{Backlog: 2}})
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.must(&backend.host, order{Do: "pause", Port: webPort, Wait: paused})
		var waiting []*call
		for range 4 { // one more was being waited for
			waiting = append(waiting, s.dial(&s.client.host, web, "ok"))
		}
		s.visit(s.client, other.at(webPort))
		allWent(s.visits(&s.client.host, web, 5, 190), "hang")
		s.wait(paused - s.patience)
		for _, k := range waiting {
			k.get(190, "ok").hangUp()
		}
		s.visit(s.client, web)
		s.expect("app", 2, expectation{Rule: "app-backlog-full", Client: s.client.addr, Backend: backend.at(webPort)})
		s.allow("cni-no-reply")
		s.healthy()
	},
}

// crowd has many clients' SYNs arrive before the first client's acknowledgement does: node1's link is narrow. The queue has room
// for all of the SYNs then, and for few of the connections.
func (s *stage) crowd(backend *pod, n int) []*call {
	s.narrow(1, "100kbit", "400")
	s.must(&backend.host, order{Do: "pause", Port: webPort, Wait: paused})
	return s.visits(&s.client.host, web, n, 190)
}

// narrow gives a node a link of a certain rate, on which so many bytes go at once and the rest waits.
func (s *stage) narrow(node int, rate, burst string) {
	if s.err == nil {
		_, err := s.nodes[node-1].exec(s.ctx, "", "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", rate, "burst", burst, "limit", "200000")
		s.fail(err)
	}
}

// widen takes that back.
func (s *stage) widen(node int) {
	if s.err == nil {
		_, err := s.nodes[node-1].exec(s.ctx, "", "tc", "qdisc", "delete", "dev", "eth0", "root")
		s.fail(err)
	}
}

// some makes sure that at least one connection ended so, and all others in one of the allowed ways.
func (s *stage) some(calls []*call, want string, allowed ...string) {
	n := 0
	for _, k := range calls {
		if k.Outcome == want {
			n++
			continue
		}
		ok := false
		for _, a := range allowed {
			ok = ok || k.Outcome == a
		}
		if !ok {
			k.check("visit", k.Outcome, want)
		}
	}
	if n == 0 && s.err == nil {
		s.fail(errOther)
	}
}

var backlogUnheard = scenario{
	name:  "backlog-unheard",
	about: "Many connections are opened at once, on a server that accepts nothing for 5 s and has a queue of two: most clients have the SYN-ACK and send their request, and the server's kernel ignores both and sends its SYN-ACK again.",
	play: func(s *stage) {
		backend, other := s.pod(2, 8), s.pod(2, 9, webPort)
		s.must(&backend.host, order{Do: "listen", Port: webPort, Manner: &manner{Backlog: 2}})
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.some(s.crowd(backend, 20), "hang")
		s.widen(1)
		s.visit(s.client, other.at(webPort))
		s.wait(paused)
		s.visit(s.client, web)
		s.expect("app", 2, expectation{Rule: "app-backlog-full", Client: s.client.addr, Backend: backend.at(webPort)})
		s.Connections = []*connection{} // what a client that is not heard takes for a connection is none
		s.allow("cni-no-reply", "tcp-loss")
		s.healthy()
	},
}

var backlogAbort = scenario{
	name:  "backlog-abort",
	about: "The same with net.ipv4.tcp_abort_on_overflow: where the queue is full, the server's kernel answers the client's acknowledgement with a RST.",
	play: func(s *stage) {
		backend, other := s.pod(2, 8), s.pod(2, 9, webPort)
		if s.err == nil {
			s.fail(backend.sysctl(s.ctx, "net.ipv4.tcp_abort_on_overflow=1"))
		}
		s.must(&backend.host, order{Do: "listen", Port: webPort, Manner: &manner{Backlog: 2}})
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.some(s.crowd(backend, 20), "reset", "hang")
		s.widen(1)
		s.visit(s.client, other.at(webPort))
		s.wait(paused)
		s.visit(s.client, web)
		s.expect("app", 2, expectation{Rule: "app-backlog-full", Client: s.client.addr, Backend: backend.at(webPort)})
		s.Connections = []*connection{}
		s.allow("cni-no-reply", "tcp-loss")
		s.healthy()
	},
}

var policyLater = scenario{
	name:  "policy-drop-later",
	about: "A NetworkPolicy on node2 comes into force while a connection to the backend exists: that one goes on, new SYNs are dropped before they get to the pod.",
	play: func(s *stage) {
		closed, open := s.pod(2, 8, webPort), s.pod(2, 9, webPort)
		s.service("default/web", web, closed.at(webPort))
		s.record()
		s.visit(s.client, web)
		kept := s.dial(&s.client.host, web, "ok").get(190, "ok")
		s.iptables(2, "-I FORWARD -d "+closed.addr.String()+" -m conntrack --ctstate NEW -j DROP")
		ended := s.dialing(&s.client.host, 0, web, "hang")
		for range 3 {
			s.wait(700 * time.Millisecond)
			kept.get(190, "ok")
		}
		s.visit(s.client, open.at(webPort))
		ended()
		kept.get(190, "ok").hangUp()
		s.expect("cni", 1, expectation{Rule: "cni-no-reply", Client: s.client.addr, Service: web, Backend: closed.at(webPort)})
		s.healthy()
	},
}

var deferAccept = scenario{
	name:  "ok-defer-accept",
	about: "A server takes connections only with their first data (TCP_DEFER_ACCEPT), and clients say nothing for 3 s after the handshake. All is well.",
	play: func(s *stage) {
		backend := s.pod(2, 8)
		s.must(&backend.host, order{Do: "listen", Port: webPort, Manner: &manner{Defer: 10 * time.Second}})
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		a, b := s.dial(&s.client.host, web, "ok"), s.dial(&s.client.host, backend.at(webPort), "ok")
		s.visit(s.client, web)
		s.wait(3200 * time.Millisecond)
		a.get(190, "ok").hangUp()
		b.get(190, "ok").hangUp()
		s.healthy()
	},
}
