package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsLateAnswer = Case{
	Name: "dns-late-answer",
	About: "A DNS pod goes while queries are on their way, and the proxy forgets their translation: the answers come from the pod's own " +
		"address, the client refuses them, and asks another pod five seconds later from the same sockets.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		next := s.Nodes[1].Pod(4)
		s.Shown(s.Client.Get(s.Web.VIP()))
		r := s.Client.Resolver(s.DNS.VIP())
		r.OnlyA = true
		for range 4 {
			s.Asked(r.Lookup("web"))
			s.Wait(time.Second)
		}
		var sockets []*build.Datagrams
		ask := func(k *build.Datagrams, id byte) ([]byte, bool) {
			m := query("web.default.svc.cluster.local")
			m[1] = id
			return m, k.Send(m)
		}
		answer := func(k *build.Datagrams, m []byte) {
			s.Wait(400 * time.Microsecond)
			m[2], m[3] = 0x84, 0
			k.Reply(m)
		}
		for id := range byte(3) {
			k := s.UDP(s.Client, s.DNS.VIP())
			sockets = append(sockets, k)
			if m, ok := ask(k, 100+id); ok {
				s.Nodes[0].Forget(s.DNSPod.Port(53))
				answer(k, m)
			}
			s.Wait(20 * time.Millisecond)
		}
		s.DNS.Endpoints(next.Port(53))
		s.Wait(5*time.Second - 60*time.Millisecond)
		for i, k := range sockets {
			if m, ok := ask(k, 100+byte(i)); ok {
				answer(k, m)
			}
			s.Wait(20 * time.Millisecond)
		}
		s.Wait(time.Second)
		s.Asked(r.Lookup("web"))
		s.Expect("ct-invalid-reset", rules.Place{Client: s.Client.Addr(), Service: s.DNS.VIP(), Backend: s.DNSPod.Port(53)})
		s.Truth.Layer = rules.LayerService
		s.Forbid("dns-no-response", "dns-intermittent-timeout", "svc-no-endpoints", "app-refused")
		s.Allow("dns-search-expansion")
	},
}
