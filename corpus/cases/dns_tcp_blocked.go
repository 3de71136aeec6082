package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// cut is a name whose answers are truncated over UDP.
var cut = build.Names{Truncated: map[string]bool{"web.default.svc.cluster.local": true}}

var dnsTCPBlockedDropped = Case{
	Name:  "dns-tcp-blocked",
	About: "A NetworkPolicy opens UDP port 53 only: small answers come, a truncated one is asked for again over TCP in vain.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve})
		s.Drop(build.Arrive, func(p build.Packet) bool { return p.TCP && p.Dst.Port() == 53 })
		r := s.Client.Resolver(s.DNS.VIP())
		r.OnlyA = true
		for range 3 {
			r.LookupWith("web", cut)
			r.Lookup("api.example.com.")
			s.Shown(s.Client.Get(s.Web.VIP()))
			s.Wait(2 * time.Second)
		}
		s.Expect("dns-tcp-blocked", rules.Place{Client: s.Client.Addr(), Server: s.DNS.VIP()})
		s.Truth.Layer = rules.LayerDNS
		s.Forbid("cni-no-reply", "dns-no-response", "app-refused", "svc-endpoint-terminating", "ct-syn-stale")
	},
}

var dnsTCPBlockedRefused = Case{
	Name:  "dns-tcp-blocked-refused",
	About: "A DNS server truncates an answer, and its node refuses the connection that follows in its name.",
	Script: func(s *Scene) {
		s.Start(build.Options{IPv6: true})
		r := s.Client.Resolver(s.DNS.VIP())
		r.OnlyA = true
		r.Lookup("api.example.com.")
		s.Reject(build.Bridge, build.TCPReset, func(p build.Packet) bool { return p.TCP && p.Dst.Port() == 53 })
		r.LookupWith("web", cut)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("dns-tcp-blocked", rules.Place{Client: s.Client.Addr(), Server: s.DNS.VIP()})
		s.Truth.Layer = rules.LayerDNS
		s.Forbid("cni-reject", "app-refused", "dns-no-response")
	},
}

var dnsTCPRefusedAlone = Case{
	Name:  "dns-tcp-refused-alone",
	About: "The look-alike: a program asks over TCP from the beginning and is refused; answers over UDP come whole.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		s.Asked(r.Lookup("api.example.com."))
		s.DNSPod.Refuse(53)
		k := s.Client.Dial(s.DNS.VIP())
		s.Shown(k, s.Client.Get(s.Web.VIP()))
		s.Expect("app-refused", rules.Place{Client: s.Client.Addr(), Backend: s.DNSPod.Port(53)})
		s.Truth.Layer = rules.LayerApp
		s.Forbid("dns-tcp-blocked")
	},
}
