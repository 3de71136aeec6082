package cases

import (
	"net/netip"
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// again dials from the socket of a connection attempt that is still under way: the same SYN once more, so many times.
func again(s *Scene, k *build.Conn, isn uint32, times int) {
	s.Dial(k.Client.Host, k.Called, build.Dialer{Port: k.Client.Local.Port(), ISN: isn, Tries: times})
}

var ctSYNStaleUntranslated = Case{
	Name: "ct-syn-stale-untranslated",
	About: "A connection to a Service is begun before kube-proxy's rule is there. Its SYNs leave the node untranslated for as long as it tries, while " +
		"those begun later work.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		s.Shown(s.Client.Get(s.Web.VIP()))
		vip := netip.MustParseAddrPort("10.96.0.77:80")
		k := s.Dial(s.Client, vip, build.Dialer{ISN: 4711, Tries: 2})
		later := s.Service("default/late", vip.String()).Endpoints(s.Other.Port(8080))
		s.Shown(s.Client.Get(later.VIP()))
		again(s, k, 4711, 2)
		s.Shown(s.Client.Get(later.VIP()), s.Same.Get(later.VIP()))
		again(s, k, 4711, 2)
		s.Expect("ct-syn-stale", rules.Place{Client: s.Client.Addr(), Service: vip})
		s.Truth.Layer = rules.LayerService
		s.Forbid("svc-no-dnat", "cni-no-reply", "tcp-loss")
	},
}

var ctSYNStaleGone = Case{
	Name: "ct-syn-stale-gone",
	About: "A Service's only backend is gone when a connection to it is begun, and replaced by another a second later: the SYNs of that connection go on " +
		"to the dead address, while those begun later reach the new one.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve})
		next := s.Nodes[1].Pod(9)
		call(s, 4)
		s.Other.Remove()
		k := s.Dial(s.Client, s.Web.VIP(), build.Dialer{ISN: 4711, Tries: 2})
		s.Web.Endpoints(next.Port(8080))
		call(s, 3)
		again(s, k, 4711, 2)
		call(s, 2)
		again(s, k, 4711, 1)
		s.Expect("ct-syn-stale", rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP(), Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerService
		s.Forbid("cni-no-reply", "ct-stale-blackhole", "svc-endpoint-terminating", "tcp-loss")
	},
}

var ctSYNStaleNoRuleYet = Case{
	Name:  "ct-syn-stale-no-rule-yet",
	About: "The look-alike: a Service has no rule on the node, and attempts from one port after the other fail; when the rule is there, they work.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		s.Shown(s.Client.Get(s.Web.VIP()))
		vip := netip.MustParseAddrPort("10.96.0.77:80")
		for range 3 {
			s.Dial(s.Client, vip, build.Dialer{Tries: 2})
			s.Wait(time.Second)
		}
		later := s.Service("default/late", vip.String()).Endpoints(s.Other.Port(8080))
		s.Shown(s.Client.Get(later.VIP()), s.Same.Get(later.VIP()))
		s.Expect("svc-no-dnat", rules.Place{Client: s.Client.Addr(), Service: vip})
		s.Truth.Layer = rules.LayerService
		s.Forbid("ct-syn-stale", "cni-no-reply")
	},
}

var ctSYNStaleStillChosen = Case{
	Name: "ct-syn-stale-still-chosen",
	About: "The look-alike: one of two backends is behind a NetworkPolicy and goes on being chosen: its SYNs are not answered, those to the other one are " +
		"meanwhile.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		next := s.Nodes[1].Pod(9)
		s.Web.Endpoints(s.Other.Port(8080), next.Port(8080))
		s.Drop(build.Arrive, func(p build.Packet) bool { return p.Dst == s.Other.Port(8080) })
		s.Client.Get(s.DNSPod.Port(8181))
		for i := range uint32(3) {
			isn := 4711 + i<<16
			k := s.Dial(s.Client, s.Web.VIP(), build.Dialer{ISN: isn, Tries: 2})
			s.Shown(s.Client.Get(s.Web.VIP()))
			again(s, k, isn, 2)
		}
		s.Truth.LayerOpen = true
		s.Allow("cni-no-reply")
		s.Forbid("ct-syn-stale", "svc-endpoint-terminating")
	},
}
