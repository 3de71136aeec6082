package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var appBacklogFull = Case{
	Name: "app-backlog-full",
	About: "The listen queue is full: SYNs get to the pod, which drops them, while it goes on answering its established connections. When the " +
		"application accepts again, all is well. No policy does that.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		full := s.Drop(build.InPod, func(p build.Packet) bool { return p.SYN && p.Dst.Addr() == s.Other.Addr() })
		lost := s.Client.Dial(s.Web.VIP())
		full.Heal()
		k.Send(68)
		k.Reply(190)
		k.Close()
		s.Shown(lost, k, s.Client.Get(s.Web.VIP()))
		s.Expect("app-backlog-full", place(lost)).Severity = rules.Critical
		s.Truth.Layer = rules.LayerApp
		s.Forbid("cni-no-reply", "ct-stale-reset", "app-refused")
	},
}

var appBacklogUnheard = Case{
	Name: "app-backlog-unheard",
	About: "The queue of accepted connections is full: the server's kernel ignores the acknowledgement of its SYN-ACK, and the request behind it, and " +
		"repeats the SYN-ACK.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		ok := s.Same.Get(s.Web.VIP())
		full := s.Drop(build.InPod, func(p build.Packet) bool { return !p.SYN && p.Src.Addr() == s.Client.Addr() })
		k := s.Client.Dial(s.Web.VIP())
		for range 3 {
			k.Client.Data(68)
			s.Wait(900 * time.Millisecond)
			k.Server.SYNACKAgain()
			k.Client.Ack()
			k.Client.Again(68)
			k.Client.Unsend(68)
		}
		full.Heal()
		s.Wait(time.Second)
		s.Shown(ok, s.Same.Get(s.Web.VIP()))
		s.Expect("app-backlog-full", place(k))
		s.Truth.Layer = rules.LayerApp
		s.Forbid("cni-no-reply", "cni-mtu-blackhole", "ct-stale-blackhole")
	},
}

var appBacklogReset = Case{
	Name: "app-backlog-reset",
	About: "The server's kernel acknowledges a SYN, but its listen queue is full: the client's first data is answered by a bare RST. The " +
		"backend had never taken part in that connection, and was not replaced.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		ok := s.Client.Get(s.Web.VIP())
		k := s.Client.Dial(s.Web.VIP())
		k.Server.Forget()
		k.Send(68)
		s.Wait(time.Second)
		s.Shown(ok, k)
		s.Expect("app-backlog-full", place(k))
		s.Truth.Layer = rules.LayerApp
		s.Forbid("ct-stale-reset", "app-refused", "ct-invalid-reset")
	},
}

var backlogNotPolicy = Case{
	Name: "backlog-not-policy",
	About: "A look-alike of a full listen queue: a policy comes into force while connections exist. Those go on; new SYNs are dropped before they get " +
		"to the pod's interface.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve})
		k := s.Client.Dial(s.Web.VIP())
		s.Client.Get(s.DNSPod.Port(8181))
		k.Send(68)
		k.Reply(190)
		s.Drop(build.Bridge, func(p build.Packet) bool { return p.SYN && p.Dst.Addr() == s.Other.Addr() })
		lost := s.Client.Dial(s.Web.VIP())
		s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		k.Close()
		s.Shown(lost, k)
		s.Expect("cni-no-reply", place(lost))
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("app-backlog-full")
	},
}

var deferredAccept = Case{
	Name: "deferred-accept",
	About: "A server that waits for data before it takes a connection (TCP_DEFER_ACCEPT): it ignores the acknowledgement of a client that says nothing " +
		"yet, and sends the SYN-ACK again. The request is answered at once.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		k := s.Client.Dial(s.Web.VIP())
		for range 2 {
			s.Wait(time.Second)
			k.Server.SYNACKAgain()
			k.Client.Ack()
		}
		k.Send(68)
		k.Reply(190)
		k.Close()
		s.Shown(k, s.Client.Get(s.Web.VIP()))
		s.Forbid("app-backlog-full", "cni-no-reply", "tcp-loss")
	},
}
