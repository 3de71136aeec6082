package cases

import (
	"net/netip"
	"time"

	"github.com/netsift/netsift/corpus/build"
)

// amf is an SCTP Service with Other's port 38412 behind it, as a 5G core has one (N2, 3GPP TS 38.412).
func amf(s *Scene, vip string) *build.Service {
	return s.Service("core/amf", vip).SCTP().Endpoints(s.Other.Port(38412))
}

// exchange sends a request and a response over an association, and lets it rest for a while.
func exchange(s *Scene, a *build.Association) {
	a.Send(120)
	a.Reply(200)
	s.Wait(300 * time.Millisecond)
}

var okSCTP = Case{
	Name: "ok-sctp",
	About: "SCTP associations through a Service over VXLAN, direct, within a node, and from outside to a NodePort: both ends translated at once " +
		"then.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		v := amf(s, "10.96.0.70:38412").NodePort(30412)
		for _, a := range []*build.Association{
			s.Client.Associate(v.VIP()),
			s.Associate(s.Client, v.VIP(), build.Associator{ToMany: true}),
			s.Associate(s.Client, s.Other.Port(38412), build.Associator{Port: 38412}),
			s.Client.Associate(s.Same.Port(3868)),
			s.Associate(s.Outside, v.On(s.Nodes[0]), build.Associator{}),
			s.Associate(s.Outside, v.On(s.Nodes[0]), build.Associator{ToMany: true}),
		} {
			exchange(s, a)
			exchange(s, a)
			a.Close()
			s.Associated(a)
		}
		s.Allow("svc-snat-client-lost")
		s.Healthy()
	},
}

var okSCTPIpv6 = Case{
	Name:  "ok-sctp-ipv6",
	About: "The same in an IPv6 cluster with Geneve, by a fixed source port that is used again each time.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve, IPv6: true})
		v := amf(s, "[fd00:10:96::70]:38412")
		for range 3 {
			a := s.Associate(s.Client, v.VIP(), build.Associator{Port: 38412})
			exchange(s, a)
			a.Close()
			s.Associated(a)
		}
		s.Healthy()
	},
}

var sctpHeartbeats = Case{
	Name: "sctp-heartbeats",
	About: "Associations that are only kept alive: one-to-many sockets, whose packets have no IP ids, ask each half minute whether their peer is " +
		"there. Two began before the capture.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		v := amf(s, "10.96.0.70:38412")
		var list []*build.Association
		for i, to := range []netip.AddrPort{v.VIP(), s.Other.Port(38412), v.VIP(), s.Other.Port(38412)} {
			list = append(list, s.Associate(s.Client, to, build.Associator{ToMany: true, Quiet: i < 2}))
		}
		for range 4 {
			for _, a := range list {
				a.Heartbeat()
				s.Wait(200 * time.Millisecond)
			}
			s.Wait(30 * time.Second)
		}
		s.Associated(list...)
		s.Healthy()
	},
}

var sctpMidstream = Case{
	Name:  "sctp-midstream",
	About: "An association that began before the capture, exchanges data and is shut down.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		a := s.Associate(s.Client, amf(s, "10.96.0.70:38412").VIP(), build.Associator{Quiet: true})
		for range 4 {
			exchange(s, a)
		}
		a.Close()
		s.Associated(a)
		s.Healthy()
	},
}
