package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// call opens so many connections to a Service, half a second apart.
func call(s *Scene, times int) {
	for range times {
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Wait(500 * time.Millisecond)
	}
}

var appRefusedEnding = Case{
	Name: "app-refused-ending",
	About: "One of two backends ends: it stops listening, and kube-proxy takes it out two seconds later. What is refused meanwhile, the kubelet's " +
		"probe too, is no application that never listened.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		next := s.Nodes[1].Pod(9)
		s.Web.Endpoints(s.Other.Port(8080), next.Port(8080))
		call(s, 6)
		s.Nodes[1].Dial(s.Other.Port(8080)).Close()
		s.Other.Refuse(8080)
		k := s.Client.Dial(s.Web.VIP())
		s.Shown(k)
		for range 3 {
			s.Wait(300 * time.Millisecond)
			s.Shown(s.Client.Dial(s.Web.VIP()))
		}
		s.Nodes[1].Dial(s.Other.Port(8080))
		s.Web.Endpoints(next.Port(8080))
		call(s, 6)
		s.Expect("svc-endpoint-terminating", place(k))
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "ct-stale-reset", "svc-no-endpoints")
	},
}

var appRefusedRestart = Case{
	Name:  "app-refused-restart",
	About: "The only backend's process ends and is started again: nothing listened for a while, and then another client is let in.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		call(s, 3)
		s.Other.Refuse(8080)
		a := s.Client.Dial(s.Web.VIP())
		s.Wait(4 * time.Second)
		b := s.Client.Dial(s.Web.VIP())
		s.Wait(time.Second)
		s.Other.Listen(8080)
		s.Shown(a, b, s.Same.Get(s.Web.VIP()))
		s.Expect("app-refused", place(a))
		s.Truth.Layer = rules.LayerApp
	},
}

var appRefusedInTurns = Case{
	Name:  "app-refused-in-turns",
	About: "The look-alike: the same place refuses and accepts in turns, as two pods with one address do. Something listens there.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		for range 4 {
			call(s, 2)
			s.Other.Refuse(8080)
			s.Shown(s.Client.Dial(s.Web.VIP()), s.Client.Dial(s.Web.VIP()))
			s.Other.Listen(8080)
		}
		call(s, 1)
		s.Truth.LayerOpen = true
		s.Forbid("app-refused", "ct-stale-reset")
	},
}

var appRefusedSweep = Case{
	Name:  "app-refused-sweep",
	About: "A scanner tries one port on a dozen pods, which do not listen there; and a mail server asks a client for its user, as it does of all.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		for i := range 12 {
			p := s.Nodes[1].Pod(20 + i)
			p.Refuse(22)
			s.Client.Dial(p.Port(22))
		}
		s.Other.Refuse(113)
		s.Same.Dial(s.Other.Port(113))
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("app-refused", rules.Place{Client: s.Client.Addr()})
		s.Expect("app-refused", rules.Place{Client: s.Same.Addr()})
	},
}

var appRefusedProbe = Case{
	Name:  "app-refused-probe",
	About: "A container restarts: the kubelet's probes of its pod are refused for a few seconds, and nobody else calls it.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		probe := func(times int) {
			for range times {
				if k := s.Nodes[1].Dial(s.Other.Port(8080)); k.End == build.Unfinished {
					k.Send(100)
					k.Reply(60)
					k.Close()
				}
				s.Wait(time.Second)
			}
		}
		s.Shown(s.Client.Get(s.DNSPod.Port(8181)))
		s.Client.Get(s.Other.Port(9090))
		probe(4)
		s.Other.Refuse(8080)
		probe(5)
		s.Expect("app-refused", rules.Place{Backend: s.Other.Port(8080)}).Severity = 0
	},
}
