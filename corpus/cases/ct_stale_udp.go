package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var ctStaleUDP = Case{
	Name:  "ct-stale-udp",
	About: "A resolver keeps its socket, and conntrack keeps sending its queries to a DNS pod that is gone; new sockets reach the living one.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		q := s.UDP(s.Client, s.DNS.VIP())
		ask := func(id byte) {
			m := query("web.default.svc.cluster.local")
			m[1] = id
			if q.Send(m) {
				s.Wait(400 * time.Microsecond)
				m[2], m[3] = 0x84, 0
				q.Reply(m)
			}
			s.Wait(time.Second)
		}
		ask(1)
		next := s.Nodes[1].Pod(4)
		s.DNSPod.Remove()
		s.DNS.Endpoints(next.Port(53))
		r := s.Client.Resolver(s.DNS.VIP())
		for i := range 8 {
			ask(byte(2 + i))
			r.Lookup("web")
			s.Wait(time.Second)
		}
		s.Expect("ct-stale-udp", rules.Place{Client: s.Client.Addr(), Service: s.DNS.VIP(), Backend: s.DNSPod.Port(53)})
		s.Truth.Layer = rules.LayerService
		s.Allow("dns-intermittent-timeout", "dns-slow")
		s.Allow("dns-no-response") // which is all that the dead pod's own node can show
	},
}
