package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// first selects the packets for which conntrack needs a new entry, as far as a script opens connections over TCP only.
func first(p build.Packet) bool { return p.TCP && p.SYN && !p.ACK }

// keep opens a connection that is used from time to time.
func keep(s *Scene, from build.Host) *build.Conn {
	k := s.Dial(from, s.Web.VIP(), build.Dialer{})
	use(k)
	return k
}

func use(k *build.Conn) {
	k.Send(68)
	k.Reply(190)
}

var ctTableFull = Case{
	Name: "ct-table-full",
	About: "A node's conntrack table is full for some seconds: the first packets of its pods end at their veths, a DNS query among them, a connection from before goes " +
		"on, and later all is well.",
	Script: func(s *Scene) {
		s.Start(build.Options{IPv6: true})
		k := keep(s, s.Client)
		s.Shown(s.Client.Get(s.Web.VIP()), s.Same.Get(s.Web.VIP()))
		r := s.Nodes[0].Pod(7).Resolver(s.DNS.VIP())
		r.Lookup("web")
		full := s.Drop(build.OnVeth, func(p build.Packet) bool { return first(p) || p.UDP })
		a, b := s.Dial(s.Client, s.Web.VIP(), build.Dialer{ISN: 1000, Tries: 2}), s.Dial(s.Same, s.Web.VIP(), build.Dialer{ISN: 77000, Tries: 2})
		use(k)
		again(s, a, 1000, 2)
		again(s, b, 77000, 2)
		use(k)
		r.Lookup("web")
		full.Heal()
		r.Lookup("web")
		s.Shown(s.Client.Get(s.Web.VIP()), s.Same.Get(s.Web.VIP()))
		s.Expect("ct-table-full", rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP()})
		s.Expect("ct-table-full", rules.Place{Client: s.Same.Addr(), Service: s.Web.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("svc-no-dnat", "cni-no-reply", "ct-syn-stale", "dns-no-response", "dns-intermittent-timeout")
	},
}

var ctTableFullReceiver = Case{
	Name: "ct-table-full-receiver",
	About: "The table of the backends' node is full: what comes in by the tunnel for new connections ends at the uplink, as the tunnel's packets need " +
		"entries, too.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.VXLAN4789})
		k := keep(s, s.Client)
		direct := s.Nodes[1].Pod(9).Port(9090)
		s.Shown(s.Client.Get(s.Web.VIP()), s.Same.Get(s.Web.VIP()), s.Client.Get(direct))
		full := s.Drop(build.Decap, first)
		a, b := s.Dial(s.Client, s.Web.VIP(), build.Dialer{ISN: 1000, Tries: 2}), s.Dial(s.Same, direct, build.Dialer{ISN: 77000, Tries: 2})
		use(k)
		again(s, a, 1000, 2)
		again(s, b, 77000, 2)
		use(k)
		full.Heal()
		s.Shown(s.Client.Get(s.Web.VIP()), s.Same.Get(s.Web.VIP()), s.Same.Get(direct))
		s.Expect("ct-table-full", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerService
		s.Allow("cni-no-reply") // the senders' node alone can't show it
		s.Forbid("cni-tunnel-oneway", "svc-no-dnat")
	},
}

var ctTableFullPolicy = Case{
	Name: "ct-table-full-not-policy",
	About: "The look-alike: a NetworkPolicy for two pods comes into force: their new connections get as far as the bridge, translated, and no more. An old " +
		"one goes on.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := keep(s, s.Client)
		s.Shown(s.Client.Get(s.Web.VIP()), s.Same.Get(s.Web.VIP()))
		s.Drop(build.Forward, first)
		a := s.Client.Dial(s.Web.VIP())
		use(k)
		s.Same.Dial(s.Web.VIP())
		use(k)
		s.Expect("cni-no-reply", place(a)).Severity = 0
		s.Truth.LayerOpen = true
		s.Forbid("ct-table-full")
	},
}

var ctTableFullOutage = Case{
	Name:  "ct-table-full-not-outage",
	About: "The look-alike: for some seconds a node forwards nothing at all: the connection that was open has to send again, too.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := keep(s, s.Client)
		s.Shown(s.Client.Get(s.Web.VIP()), s.Same.Get(s.Web.VIP()))
		down := s.Drop(build.OnVeth, func(p build.Packet) bool { return p.TCP })
		a, b := s.Dial(s.Client, s.Web.VIP(), build.Dialer{ISN: 1000, Tries: 2}), s.Dial(s.Same, s.Web.VIP(), build.Dialer{ISN: 77000, Tries: 2})
		k.Client.Data(68)
		again(s, a, 1000, 2)
		k.Client.Again(68)
		again(s, b, 77000, 2)
		down.Heal()
		k.Client.Again(68)
		k.Reply(190)
		s.Wait(time.Second)
		s.Shown(s.Client.Get(s.Web.VIP()), s.Same.Get(s.Web.VIP()))
		s.Truth.LayerOpen = true
		s.Allow("tcp-loss")
		s.Forbid("ct-table-full")
	},
}
