package cases

import "github.com/netsift/netsift/corpus/build"

var flooding = Case{
	Name:  "flooding",
	About: "The bridge floods what it has for a dead pod's MAC to every port: neither loop nor loss.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		for i := range 4 {
			s.Nodes[1].Pod(20 + i)
		}
		s.Nodes[1].Flood()
		q := s.UDP(s.Client, s.DNS.VIP())
		s.DNSPod.Remove()
		q.Send(query("web.default.svc.cluster.local"))
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Truth.LayerOpen = true
		s.Allow("dns-no-response", "ct-stale-udp", "cni-no-reply", "dns-intermittent-timeout")
		s.Forbid("cni-routing-loop", "tcp-loss")
	},
}
