package main

import "time"

var clientShut = scenario{
	name:  "zero-window-client",
	about: "A client asks for 2 MB and reads nothing for 8 s: its window closes, the server probes it, and the transfer ends well at last.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.dial(&s.client.host, web, "ok").ask(order{Path: "2000000", Wait: 8 * time.Second}, "ok").hangUp()
		s.visit(s.client, web)
		s.expect("app", 1, expectation{Rule: "app-zero-window", Client: s.client.addr})
		s.healthy()
	},
}

var serverShut = scenario{
	name:  "zero-window-server",
	about: "A server leaves what a client uploads unread for 8 s: its window closes and is probed. Others are served meanwhile.",
	play: func(s *stage) {
		backend := s.pod(2, 8, webPort)
		s.service("default/web", web, backend.at(webPort))
		s.record()
		s.visit(s.client, web)
		s.dial(&s.client.host, web, "ok").ask(order{Path: "lazy/190", Upload: 2_000_000, Timeout: lazyAnswer + 5*time.Second}, "ok").hangUp()
		s.visit(s.client, web)
		s.expect("app", 1, expectation{Rule: "app-zero-window", Client: s.client.addr, Backend: backend.at(webPort)})
		s.healthy()
	},
}
