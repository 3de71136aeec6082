package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// converse sends requests by one UDP socket, a second apart, each of which is answered if it arrives.
func converse(s *Scene, q *build.Datagrams, times int) {
	for range times {
		if q.Send([]byte("ping")) {
			s.Wait(300 * time.Microsecond)
			q.Reply([]byte("pong"))
		}
		s.Wait(time.Second)
	}
}

var ctStaleUDPHealed = Case{
	Name: "ct-stale-udp-healed",
	About: "One UDP socket is translated to a backend that is gone, for eight seconds, until kube-proxy deletes the conntrack entry; then to " +
		"the living one.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		echo := s.Service("default/echo", "10.96.0.71:7000").UDP().Endpoints(s.Other.Port(7000))
		s.Shown(s.Client.Get(s.Web.VIP()))
		q := s.UDP(s.Client, echo.VIP())
		converse(s, q, 4)
		next := s.Nodes[1].Pod(9)
		s.Other.Remove()
		echo.Endpoints(next.Port(7000))
		converse(s, q, 8)
		s.Nodes[0].Forget(s.Other.Port(7000))
		converse(s, q, 5)
		s.Expect("ct-stale-udp", rules.Place{Client: s.Client.Addr(), Service: echo.VIP(), Backend: s.Other.Port(7000)})
		s.Truth.Layer = rules.LayerService
		s.Allow("cni-no-reply") // which is all that the dead pod's own node can show
	},
}

var ctStaleUDPFlushed = Case{
	Name: "ct-stale-udp-flushed",
	About: "The look-alike: kube-proxy deletes the entry 45 ms after the endpoint went. One request is lost, and the socket's next one reaches " +
		"another backend.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		echo := s.Service("default/echo", "10.96.0.71:7000").UDP().Endpoints(s.Other.Port(7000))
		s.Shown(s.Client.Get(s.Web.VIP()))
		q := s.UDP(s.Client, echo.VIP())
		converse(s, q, 4)
		next := s.Nodes[1].Pod(9)
		s.Other.Remove()
		echo.Endpoints(next.Port(7000))
		q.Send([]byte("ping"))
		s.Wait(45 * time.Millisecond)
		s.Nodes[0].Forget(s.Other.Port(7000))
		converse(s, q, 5)
		s.Healthy()
	},
}
