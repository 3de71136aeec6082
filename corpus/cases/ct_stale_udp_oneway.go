package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var ctStaleUDPOneway = Case{
	Name: "ct-stale-udp-oneway",
	About: "Metrics over UDP, which nobody answers: the socket that stays open is still translated to an agent that is gone, and its node says " +
		"host unreachable; new sockets reach the next agent.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		statsd := s.Service("default/statsd", "10.96.0.70:8125").UDP().Endpoints(s.Other.Port(8125))
		s.Client.Get(s.Other.Port(9090)) // the agent is alive
		q := s.UDP(s.Client, statsd.VIP())
		for range 3 {
			q.Send([]byte("requests:1|c"))
			s.UDP(s.Same, statsd.VIP()).Send([]byte("requests:1|c"))
			s.Wait(2 * time.Second)
		}
		next := s.Nodes[1].Pod(9)
		s.Other.Remove()
		statsd.Endpoints(next.Port(8125))
		s.Reject(build.Arrive, build.HostUnreachable, func(p build.Packet) bool { return p.Dst.Addr() == s.Other.Addr() })
		for range 6 {
			q.Send([]byte("requests:1|c"))
			s.UDP(s.Same, statsd.VIP()).Send([]byte("requests:1|c"))
			s.Wait(2 * time.Second)
		}
		s.Expect("ct-stale-udp", rules.Place{Client: s.Client.Addr(), Service: statsd.VIP(), Backend: s.Other.Port(8125)})
		s.Truth.Layer = rules.LayerService
		s.Allow("cni-reject") // which is all that the dead pod's own node can show
		s.Forbid("cni-no-reply", "svc-no-endpoints")
	},
}

var ctStaleUDPStillEndpoint = Case{
	Name:  "ct-stale-udp-still-endpoint",
	About: "The look-alike: the dead agent is an endpoint still, and new sockets are translated to it as the old one is.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		statsd := s.Service("default/statsd", "10.96.0.70:8125").UDP().Endpoints(s.Other.Port(8125))
		s.Client.Get(s.Other.Port(9090))
		q := s.UDP(s.Client, statsd.VIP())
		q.Send([]byte("requests:1|c"))
		s.Wait(2 * time.Second)
		s.Other.Remove()
		s.Reject(build.Arrive, build.HostUnreachable, func(p build.Packet) bool { return p.Dst.Addr() == s.Other.Addr() })
		for range 6 {
			q.Send([]byte("requests:1|c"))
			s.UDP(s.Same, statsd.VIP()).Send([]byte("requests:1|c"))
			s.Wait(2 * time.Second)
		}
		s.Truth.LayerOpen = true
		s.Expect("cni-reject", rules.Place{Client: s.Client.Addr()})
		s.Forbid("ct-stale-udp", "svc-no-endpoints")
	},
}
