package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var ctIdleResetIpvs = Case{
	Name: "ct-idle-reset-ipvs",
	About: "IPVS forgets a connection after 15 idle minutes, and the node resets it at its next request: the backend lives, and answers " +
		"somebody else throughout.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.IPVS})
		k, other := s.Client.Dial(s.Web.VIP()), s.Same.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		for range 16 {
			other.Send(40)
			other.Reply(90)
			s.Wait(time.Minute)
		}
		lost := s.Drop(build.Forward, func(p build.Packet) bool { return p.Src == k.Client.Local })
		k.Client.Data(68)
		k.ResetByNode(s.Nodes[0])
		lost.Heal()
		s.Wait(time.Second)
		other.Send(40)
		other.Reply(90)
		other.Close()
		s.Shown(k, other)
		s.Expect("ct-idle-reset", place(k)).Severity = rules.Critical
		s.Truth.Layer = rules.LayerService
		s.Forbid("ct-stale-reset", "ct-stale-blackhole", "app-refused", "svc-no-endpoints")
	},
}

var ctIdleResetAlone = Case{
	Name:  "ct-idle-reset-alone",
	About: "As ct-idle-reset-ipvs, but nobody else calls the backend before the client comes again, at once, and is answered by it.",
	Script: func(s *Scene) {
		s.Start(build.Options{Proxy: build.IPVS})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(16 * time.Minute)
		lost := s.Drop(build.Forward, func(p build.Packet) bool { return p.Src == k.Client.Local })
		k.Client.Data(68)
		k.ResetByNode(s.Nodes[0])
		lost.Heal()
		s.Wait(time.Second)
		s.Shown(k, s.Client.Get(s.Web.VIP()))
		s.Expect("ct-idle-reset", place(k)).Severity = rules.Critical
		s.Truth.Layer = rules.LayerService
		s.Forbid("ct-stale-reset", "ct-stale-blackhole", "app-refused", "svc-no-endpoints")
	},
}

var ctIdleResetOnPath = Case{
	Name: "ct-idle-reset-on-path",
	About: "A load balancer in the cluster's network forgets a connection that is idle for longer than 350 s, and answers its next request with a RST, whose TTL is " +
		"not the server's. New connections work.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		k := s.Client.Dial(s.Outside.Port(80))
		k.Send(68)
		k.Reply(190)
		s.Wait(6 * time.Minute)
		lost := s.Drop(build.Uplink, func(p build.Packet) bool { return p.Payload > 0 })
		k.Client.Data(68)
		k.ResetOnPath()
		lost.Heal()
		s.Wait(time.Second)
		s.Shown(k, s.Client.Get(s.Outside.Port(80)))
		s.Expect("ct-idle-reset", place(k)).Severity = rules.Critical
		s.Truth.Layer = rules.LayerService
		s.Forbid("ct-stale-reset", "ct-stale-blackhole", "app-refused")
	},
}

var ctIdleResetSNAT = Case{
	Name: "ct-idle-reset-snat",
	About: "The node forgets a masqueraded connection to a server outside while it is idle: the next request leaves from another port, which the server " +
		"does not know. New connections work.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		k := s.Client.Dial(s.Outside.Port(80))
		k.Send(68)
		k.Reply(190)
		for range 4 {
			s.Wait(20 * time.Second)
			s.Shown(s.Client.Get(s.Outside.Port(80)))
		}
		s.Nodes[0].Remasquerade(k)
		k.Send(68)
		s.Wait(time.Second)
		s.Shown(k, s.Client.Get(s.Outside.Port(80)))
		s.Expect("ct-idle-reset", place(k)).Severity = rules.Critical
		s.Truth.Layer = rules.LayerService
		s.Forbid("ct-stale-reset", "app-refused", "tcp-loss")
	},
}

var ctIdleSilence = Case{
	Name: "ct-idle-silence",
	About: "A firewall between the nodes forgets a connection that is idle for six minutes, and drops what comes then, without a word. Another " +
		"connection to the same backend, which is used each minute, lives on.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		k, other := s.Client.Dial(s.Other.Port(8080)), s.Same.Dial(s.Other.Port(8080))
		k.Send(68)
		k.Reply(190)
		for range 6 {
			other.Send(40)
			other.Reply(90)
			s.Wait(time.Minute)
		}
		s.Drop(build.Uplink, func(p build.Packet) bool { return p.Src == k.Client.Local || p.Dst == k.Client.Local })
		k.Send(68)
		other.Send(40)
		other.Reply(90)
		other.Close()
		s.Shown(k, other)
		s.Expect("ct-idle-reset", rules.Place{Client: s.Client.Addr(), Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerService
		s.Forbid("ct-stale-reset", "ct-stale-blackhole", "cni-no-reply", "tcp-loss")
	},
}

var ctIdleElsewhere = Case{
	Name: "ct-idle-elsewhere",
	About: "The node forgets a connection to a Service with two backends while it is idle, and translates the next request to the other one, which does not " +
		"know it. Both go on to answer others.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		second := s.Nodes[1].Pod(31)
		s.Web.Endpoints(s.Other.Port(8080), second.Port(8080))
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(40 * time.Second)
		s.Nodes[0].Remasquerade(k)
		k.Send(68)
		s.Wait(time.Second)
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.Web.VIP()))
		s.Expect("ct-idle-reset", rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP()}).Severity = rules.Critical
		s.Truth.Layer = rules.LayerService
		s.Forbid("ct-stale-reset", "app-refused", "tcp-loss")
	},
}

var idleReplaced = Case{
	Name: "idle-replaced",
	About: "The look-alike: the backend is replaced by a pod with the same address while a connection is idle, and the RST comes while another connection " +
		"to the new pod is open: that one says nothing of the old pod.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(30 * time.Second)
		s.Other.Replace()
		s.Wait(10 * time.Second)
		other := s.Same.Dial(s.Web.VIP())
		other.Send(68)
		other.Reply(190)
		s.Wait(time.Second)
		k.Send(68)
		other.Send(68)
		other.Reply(190)
		other.Close()
		s.Shown(k, other, s.Client.Get(s.Web.VIP()))
		s.Expect("ct-stale-reset", place(k))
		s.Truth.Layer = rules.LayerService
		s.Forbid("ct-idle-reset", "app-refused", "svc-no-endpoints")
	},
}

var idleKeptAlive = Case{
	Name:  "idle-kept-alive",
	About: "The look-alike: connections that are idle for minutes, one with keep-alive probes and one without, and go on well.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k, quiet := s.Client.Dial(s.Web.VIP()), s.Same.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		quiet.Send(68)
		quiet.Reply(190)
		for range 6 {
			s.Wait(30 * time.Second)
			k.Client.KeepAlive()
			k.Server.Ack()
		}
		for _, x := range []*build.Conn{k, quiet} {
			x.Send(68)
			x.Reply(190)
			x.Close()
			s.Shown(x)
		}
		s.Healthy()
	},
}

var appKeepaliveRace = Case{
	Name: "app-keepalive-race",
	About: "The server closes a connection that was idle for five seconds, while the client's next request is on the way: the FIN and the request cross, " +
		"and a RST answers the request.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Shown(s.Client.Get(s.Web.VIP()))
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(5 * time.Second)
		k.CrossFIN(68)
		s.Wait(time.Second)
		s.Expect("app-keepalive-race", place(k)).Severity = rules.Info
		s.Forbid("ct-idle-reset", "ct-stale-reset", "app-refused", "app-backlog-full")
	},
}

var writtenAfterFIN = Case{
	Name: "written-after-fin",
	About: "The look-alike: a client has acknowledged the server's FIN long ago and sends a request all the same. That is no race; and a server that closes " +
		"an upload early is none either.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(5 * time.Second)
		k.Server.Fin()
		k.Client.Ack()
		s.Wait(2 * time.Second)
		k.Server.Forget()
		k.Client.Data(68)
		up := s.Client.Dial(s.Web.VIP())
		up.Send(20000)
		up.CrossFIN(9000)
		s.Wait(time.Second)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Truth.LayerOpen = true
		s.Forbid("app-keepalive-race", "ct-idle-reset", "ct-stale-reset", "app-refused")
	},
}
