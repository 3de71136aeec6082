package cases

import (
	"net/netip"
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// associated is the client, Service and backend of an association.
func associated(a *build.Association) rules.Place {
	p := rules.Place{Client: a.Local.Addr(), Service: a.Called, Backend: a.Backend()}
	if p.Backend == p.Service {
		p.Service = netip.AddrPort{}
	}
	return p
}

var appRefusedSCTP = Case{
	Name:  "app-refused-sctp",
	About: "Nothing listens on the SCTP port of a Service's backend: the pod's kernel answers INIT with ABORT.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		v := amf(s, "10.96.0.70:38412")
		s.Other.Refuse(38412)
		a := s.Client.Associate(v.VIP())
		s.Wait(time.Second)
		b := s.Associate(s.Client, v.VIP(), build.Associator{ToMany: true})
		s.Associated(a, b)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("app-refused", associated(a))
		s.Truth.Layer = rules.LayerApp
		s.Forbid("svc-no-endpoints", "ct-stale-reset", "cni-reject")
	},
}

var appRefusedNoSCTP = Case{
	Name:  "app-refused-no-sctp",
	About: "The backend's kernel has no SCTP: it answers INIT with ICMP protocol-unreachable, which reaches the client as from the Service.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		v := amf(s, "10.96.0.70:38412")
		s.Other.WithoutSCTP()
		a := s.Client.Associate(v.VIP())
		s.Associated(a, s.Client.Associate(v.VIP()))
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("app-refused", associated(a))
		s.Truth.Layer = rules.LayerApp
		s.Forbid("svc-no-endpoints", "cni-reject", "cni-no-reply")
	},
}

var appRefusedNoSCTPIpv6 = Case{
	Name:  "app-refused-no-sctp-ipv6",
	About: "The same in an IPv6 cluster, where the error is one about an unknown next header; the pod is called directly.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve, IPv6: true})
		s.Other.WithoutSCTP()
		a := s.Client.Associate(s.Other.Port(38412))
		s.Associated(a)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("app-refused", associated(a))
		s.Truth.Layer = rules.LayerApp
		s.Forbid("svc-no-endpoints", "cni-reject", "cni-no-reply")
	},
}

var svcNoEndpointsSCTP = Case{
	Name:  "svc-no-endpoints-sctp",
	About: "An SCTP Service without endpoints: the node refuses each INIT with ICMP port-unreachable, and the client goes on.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		none := s.Service("core/none", "10.96.0.71:38412").SCTP()
		a := s.Client.Associate(none.VIP())
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: a.Local, Service: none.VIP(), Outcome: "refused"})
		s.Expect("svc-no-endpoints", rules.Place{Client: s.Client.Addr(), Service: none.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "cni-reject", "cni-no-reply")
	},
}

var cniNoReplySCTP = Case{
	Name:  "cni-no-reply-sctp",
	About: "A NetworkPolicy knows TCP only: SCTP to the pod is dropped where it comes out of the tunnel, while the same client's TCP gets there.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve})
		v := amf(s, "10.96.0.70:38412")
		s.Drop(build.Arrive, func(p build.Packet) bool { return p.SCTP && p.Dst.Addr() == s.Other.Addr() })
		a := s.Client.Associate(v.VIP())
		s.Associated(a)
		s.Shown(s.Client.Get(s.Web.VIP()), s.Client.Get(s.DNSPod.Port(8080)))
		s.Expect("cni-no-reply", associated(a))
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("svc-no-dnat", "cni-tunnel-oneway")
	},
}

var cniRejectSCTP = Case{
	Name:  "cni-reject-sctp",
	About: "A policy of the pod's node rejects SCTP with ICMP port-unreachable, which an SCTP host does not say of its own.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Reject(build.Arrive, build.PortUnreachable, func(p build.Packet) bool { return p.SCTP })
		a := s.Client.Associate(s.Other.Port(38412))
		s.Associated(a)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("cni-reject", associated(a))
		s.Truth.Layer = rules.LayerCNI
		s.Forbid("app-refused", "svc-no-endpoints")
	},
}

var svcNoDnatSCTP = Case{
	Name:  "svc-no-dnat-sctp",
	About: "An SCTP Service's address that no rule translates leaves the node as it is.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		to := netip.MustParseAddrPort("10.96.0.77:38412")
		a := s.Client.Associate(to)
		s.Shown(s.Client.Get(s.Web.VIP()))
		s.Expect("svc-no-dnat", rules.Place{Client: s.Client.Addr(), Service: to})
		s.Truth.Layer = rules.LayerService
		s.Allow("cni-no-reply")
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: a.Local, Outcome: "hang"})
	},
}

var sctpAborted = Case{
	Name:  "sctp-aborted",
	About: "Associations that worked, and whose server gives one up with ABORT; its client comes back by the same port. It was not refused.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		v := amf(s, "10.96.0.70:38412")
		a := s.Associate(s.Client, v.VIP(), build.Associator{Port: 38412})
		exchange(s, a)
		a.Abort()
		s.Wait(2 * time.Second)
		b := s.Associate(s.Client, v.VIP(), build.Associator{Port: 38412})
		exchange(s, b)
		b.Close()
		s.Associated(a, b)
		s.Truth.LayerOpen = true
		s.Forbid("app-refused", "cni-no-reply", "cni-reject", "ct-stale-reset")
	},
}

var ctStaleResetSCTP = Case{
	Name:  "ct-stale-reset-sctp",
	About: "The backend of an association was replaced by a pod with the same address, whose kernel knows nothing of it: ABORT with the T bit.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		v := amf(s, "10.96.0.70:38412")
		a := s.Client.Associate(v.VIP())
		exchange(s, a)
		s.Wait(10 * time.Second)
		s.Other.Replace()
		s.Wait(3 * time.Second)
		a.Send(100)
		b := s.Client.Associate(v.VIP())
		exchange(s, b)
		b.Close()
		s.Associated(a, b)
		s.Expect("ct-stale-reset", associated(a))
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "svc-no-endpoints")
	},
}

var ctStaleBlackholeSCTP = Case{
	Name:  "ct-stale-blackhole-sctp",
	About: "The backend of an association is gone, and its data still goes there again and again; new associations reach another pod.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		v := amf(s, "10.96.0.70:38412")
		a := s.Client.Associate(v.VIP())
		exchange(s, a)
		s.Wait(5 * time.Second)
		next := s.Nodes[1].Pod(9)
		s.Other.Remove()
		v.Endpoints(next.Port(38412))
		a.Send(100)
		for range 2 {
			b := s.Client.Associate(v.VIP())
			exchange(s, b)
			b.Close()
			s.Associated(b)
		}
		s.Associated(a)
		s.Expect("ct-stale-blackhole", associated(a))
		s.Truth.Layer = rules.LayerService
		s.Forbid("cni-no-reply", "app-refused")
	},
}

var sctpUnacknowledged = Case{
	Name: "sctp-unacknowledged",
	About: "The way to a pod closes while an association is in use: its data is sent again and again. A little later it is open again for a new " +
		"one.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		v := amf(s, "10.96.0.70:38412")
		a := s.Client.Associate(v.VIP())
		exchange(s, a)
		closed := s.Drop(build.Arrive, func(p build.Packet) bool { return p.SCTP })
		a.Send(100)
		closed.Heal()
		b := s.Client.Associate(v.VIP())
		exchange(s, b)
		b.Close()
		s.Associated(a, b)
		s.Truth.LayerOpen = true
		s.Forbid("app-refused", "cni-reject", "ct-stale-reset")
	},
}
