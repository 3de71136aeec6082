package main

import (
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// silence is how long connections are idle here. Whatever forgets them does so earlier.
const silence = 17 * time.Second

// internet is a server outside of the cluster's networks, on the outside host.
var internet = netip.MustParseAddrPort("203.0.113.7:8443")

// internetServer starts it.
func (s *stage) internetServer() {
	if s.err == nil {
		s.fail(s.outside.ip(s.ctx, "address add "+internet.Addr().String()+"/32 dev lo"))
	}
	s.must(s.outside, order{Do: "listen", Port: internet.Port()})
}

// quiet lets the silence pass while another connection is kept busy.
func (s *stage) quiet(busy *call) {
	for start := time.Now(); s.err == nil && time.Since(start) < silence; {
		s.wait(2 * time.Second)
		busy.get(190, "ok")
	}
}

var idleForgotten = scenario{
	name:  "idle-forgotten",
	about: "node1's conntrack forgets established connections after 6 s. One to the outside is idle for 17 s: its next request is masqueraded to another port, which the server does not know and answers with a RST. New ones work.",
	play: func(s *stage) {
		s.internetServer()
		if s.err == nil {
			s.fail(s.nodes[0].sysctl(s.ctx, "net.netfilter.nf_conntrack_tcp_timeout_established=6"))
		}
		s.record()
		kept := s.dial(&s.client.host, internet, "ok").get(190, "ok").get(5000, "ok")
		busy := s.dial(&s.client.host, internet, "ok")
		s.quiet(busy)
		kept.get(190, "reset")
		busy.hangUp()
		s.visit(s.client, internet)
		s.Connections = s.Connections[1:] // it has two translations
		s.expect("service", 1, expectation{Rule: "ct-idle-reset", Client: s.client.addr, Backend: internet})
		s.healthy()
	},
}

var idleFlushed = scenario{
	name:  "idle-flushed",
	about: "node1's conntrack table is flushed (conntrack -F) while connections to a Service with three backends on node2 are idle: what comes next is translated anew, often to a backend that does not know the connection.",
	play: func(s *stage) {
		a, b, c := s.pod(2, 8, webPort), s.pod(2, 9, webPort), s.pod(2, 10, webPort)
		s.service("default/web", web, a.at(webPort), b.at(webPort), c.at(webPort))
		s.record()
		var kept []*call
		for range 6 {
			kept = append(kept, s.dial(&s.client.host, web, "ok").get(190, "ok"))
		}
		s.wait(silence)
		allWent(s.visits(&s.client.host, web, 6, 190), "ok")
		if s.err == nil {
			_, err := s.nodes[0].exec(s.ctx, "", "conntrack", "-F")
			s.fail(err)
		}
		lost := 0
		for _, k := range kept {
			if k.try(190) == "reset" {
				lost++
			}
		}
		allWent(s.visits(&s.client.host, web, 6, 190), "ok")
		if lost == 0 && s.err == nil {
			s.fail(errOther)
		}
		s.expect("service", 1, expectation{Rule: "ct-idle-reset", Client: s.client.addr, Service: web})
		s.Connections = []*connection{} // those that are translated anew have two backends
		s.allow("ct-stale-reset")
		s.healthy()
	},
}

// try is get where either outcome will do.
func (k *call) try(bytes int) string {
	if k.stage.err != nil {
		return ""
	}
	r, err := k.from.tell(k.stage.ctx, order{Do: "get", Conn: k.id, Path: strconv.Itoa(bytes), Timeout: getPatience})
	k.stage.fail(err)
	if k.Outcome = r.Failure; r.Failure == "" {
		k.Outcome = "ok"
	}
	return k.Outcome
}

var idleSilent = scenario{
	name:  "idle-silent",
	about: "A firewall in front of the outside server forgets a connection that is idle, and drops without a word what comes then. A connection that is not idle goes on, new ones work.",
	play: func(s *stage) {
		s.internetServer()
		s.record()
		kept := s.dial(&s.client.host, internet, "ok").get(190, "ok")
		busy := s.dial(&s.client.host, internet, "ok")
		s.wait(time.Second)
		if s.err == nil {
			_, err := s.outside.exec(s.ctx, "", "iptables", "-w", "5", "-t", "raw", "-I", "PREROUTING", "-p", "tcp", "--sport", strconv.Itoa(int(kept.SNATPort)), "-j", "DROP")
			s.fail(err)
		}
		s.quiet(busy)
		kept.get(190, "hang")
		busy.get(190, "ok").hangUp()
		s.visit(s.client, internet)
		s.expect("service", 1, expectation{Rule: "ct-idle-reset", Client: s.client.addr, Backend: internet})
		s.allow("tcp-loss", "cni-no-reply", "ct-stale-blackhole")
		s.healthy()
	},
}

var idleReplaced = scenario{
	name:  "idle-replaced",
	about: "A connection is idle for 17 s, and its backend is replaced meanwhile by a pod with the same address, which answers the next request with a RST: not the silence was it.",
	play: func(s *stage) {
		old := s.pod(2, 8, webPort)
		s.service("default/web", web, old.at(webPort))
		s.record()
		kept := s.dial(&s.client.host, web, "ok").get(190, "ok").get(5000, "ok")
		s.visit(s.client, web)
		s.wait(silence - 5*time.Second)
		s.replace(old)
		s.wait(5 * time.Second)
		s.visit(s.client, web)
		kept.get(190, "reset")
		s.visit(s.client, web)
		s.expect("service", 1, expectation{Rule: "ct-stale-reset", Client: s.client.addr, Service: web, Backend: old.at(webPort)})
		s.allow("tcp-loss")
		s.healthy()
	},
}

var idleClosed = scenario{
	name:  "idle-server-close",
	about: "A server closes what is idle for 2 s. A client that never looks sends its next request on such a connection and gets a RST; another comes in time. Nothing is wrong with the network.",
	play: func(s *stage) {
		backend := s.pod(2, 8)
		s.must(&backend.host, order{Do: "listen", Port: webPort, Manner: &manner{Idle: 2 * time.Second}})
		s.service("default/web", web, backend.at(webPort))
		s.record()
		late := s.dial(&s.client.host, web, "ok").get(190, "ok")
		early := s.dial(&s.client.host, web, "ok").get(190, "ok")
		s.wait(time.Second)
		early.get(190, "ok").hangUp()
		s.wait(3 * time.Second)
		if outcome := late.try(190); s.err == nil && !slices.Contains([]string{"reset", "closed"}, outcome) {
			s.fail(errOther)
		}
		s.visit(s.client, web)
		s.Connections = s.Connections[1:] // how a connection ends that both ends have done with is a matter of taste
		s.healthy()
	},
}

var keepaliveRace = scenario{
	name:  "keepalive-race",
	about: "A server closes what is idle for 2 s. On a narrow link its FIN waits for 80 ms behind other packets, and a request crosses it: the server answers with a RST.",
	play: func(s *stage) {
		backend := s.pod(2, 8)
		s.must(&s.client.host, order{Do: "echo", Port: 9000})
		s.must(&backend.host, order{Do: "listen", Port: webPort, Manner: &manner{Idle: 2 * time.Second, Before: s.client.at(9000)}})
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.narrow(2, "400kbit", "1600")
		s.visit(s.client, web)
		k := s.dial(&s.client.host, web, "ok").get(190, "ok")
		s.wait(2*time.Second + 30*time.Millisecond)
		if outcome := k.try(190); s.err == nil && !slices.Contains([]string{"reset", "closed"}, outcome) {
			s.fail(errOther)
		}
		s.widen(2)
		s.visit(s.client, web)
		s.expect("none", 1, expectation{Rule: "app-keepalive-race", Client: s.client.addr, Service: web})
		s.Connections = []*connection{}
		s.healthy()
	},
}
