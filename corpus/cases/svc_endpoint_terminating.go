package cases

import (
	"net/netip"
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// gives opens connections to the Service as long as one backend that has stopped is still among its endpoints: those that it is chosen for have
// the client's patience for so many SYNs.
func gives(s *Scene, from build.Host, to netip.AddrPort, tries int) *build.Conn {
	k := s.Dial(from, to, build.Dialer{Tries: tries})
	if k.End == build.Unfinished {
		k.Send(68)
		k.Reply(190)
		k.Close()
	}
	s.Wait(200 * time.Millisecond)
	return k
}

var svcEndpointTerminating = Case{
	Name: "svc-endpoint-terminating",
	About: "A rolling update of three pods, each of which closes its port a second before kube-proxy takes it out: the refusals of all are one " +
		"finding. A scraper calls the pods themselves, too.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve})
		pods := []*build.Pod{s.Other, s.Nodes[1].Pod(9), s.Same}
		endpoints := func() {
			var list []netip.AddrPort
			for _, p := range pods {
				list = append(list, p.Port(8080))
			}
			s.Web.Endpoints(list...)
		}
		endpoints()
		var first *build.Conn
		for i := range pods {
			for range 6 {
				s.Shown(gives(s, s.Client, s.Web.VIP(), 1))
			}
			pods[i].Refuse(8080)
			for range 6 {
				if k := gives(s, s.Client, s.Web.VIP(), 1); k.End == build.Refused && first == nil {
					first = k
				}
			}
			pods[i] = s.Nodes[i%2].Pod(30 + i)
			endpoints()
		}
		for range 12 {
			s.Shown(gives(s, s.Client, s.Web.VIP(), 1))
		}
		s.Expect("svc-endpoint-terminating", rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP()})
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "cni-no-reply", "cni-reject", "ct-stale-reset", "svc-no-endpoints", "tcp-loss")
	},
}

var svcEndpointTerminatingGone = Case{
	Name: "svc-endpoint-terminating-gone",
	About: "One of two backends is deleted, and chosen for some seconds more: silence, until its node's neighbour lookup fails and the node says " +
		"host unreachable. A connection that was open hangs.",
	Script: func(s *Scene) {
		s.Start(build.Options{IPv6: true})
		next := s.Nodes[1].Pod(9)
		s.Web.Endpoints(s.Other.Port(8080), next.Port(8080))
		k := s.Client.Dial(s.Web.VIP())
		k.Send(68)
		k.Reply(190)
		s.Wait(100 * time.Millisecond)
		s.Client.Get(s.Web.VIP())
		for range 6 {
			s.Shown(gives(s, s.Same, s.Web.VIP(), 1))
		}
		s.Other.Remove()
		s.Reject(build.Arrive, build.HostUnreachable, func(p build.Packet) bool { return p.Dst.Addr() == s.Other.Addr() && p.SYN }).Skip(2)
		for range 6 {
			gives(s, s.Same, s.Web.VIP(), 2)
		}
		s.Web.Endpoints(next.Port(8080))
		k.Send(68)
		for range 10 {
			s.Shown(gives(s, s.Same, s.Web.VIP(), 1))
		}
		s.Expect("svc-endpoint-terminating", rules.Place{Client: s.Same.Addr(), Service: s.Web.VIP(), Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "cni-no-reply", "cni-reject", "ct-stale-blackhole", "tcp-loss")
	},
}

var svcEndpointTerminatingNodePort = Case{
	Name: "svc-endpoint-terminating-nodeport",
	About: "Machines outside of the cluster call a NodePort of one node while a backend on the other one ends; the capture begins when it has ended: " +
		"that it is chosen no more says so.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		s.Web.NodePort(30080)
		next := s.Nodes[0].Pod(9)
		s.Web.Endpoints(s.Other.Port(8080), next.Port(8080))
		s.Other.Refuse(8080)
		for range 4 {
			gives(s, s.Outside, s.Web.On(s.Nodes[0]), 1)
		}
		s.Web.Endpoints(next.Port(8080))
		for range 12 {
			s.Shown(gives(s, s.Outside, s.Web.On(s.Nodes[0]), 1))
		}
		s.Only(s.Nodes[0])
		s.Expect("svc-endpoint-terminating", rules.Place{Client: s.Outside.Addr(), Service: s.Web.On(s.Nodes[0])})
		s.Truth.Layer = rules.LayerService
		s.Forbid("app-refused", "svc-local-no-endpoint", "svc-no-endpoints")
	},
}

var svcEndpointLeavesFirst = Case{
	Name:  "svc-endpoint-leaves-first",
	About: "The look-alike: a pod is taken out of the Service first and stops afterwards; only the kubelet's last probe is refused.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		next := s.Nodes[1].Pod(9)
		s.Web.Endpoints(s.Other.Port(8080), next.Port(8080))
		call(s, 6)
		s.Nodes[1].Dial(s.Other.Port(8080)).Close()
		s.Web.Endpoints(next.Port(8080))
		call(s, 2)
		s.Other.Refuse(8080)
		s.Nodes[1].Dial(s.Other.Port(8080))
		call(s, 6)
		s.Other.Remove()
		call(s, 2)
		s.Allow("app-refused") // info: of the probe
		s.Healthy()
	},
}

var svcEndpointNeverListens = Case{
	Name:  "svc-endpoint-never-listens",
	About: "The look-alike: one of two backends has never listened, and refuses from the first call to the last.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		next := s.Nodes[1].Pod(9)
		s.Web.Endpoints(s.Other.Port(8080), next.Port(8080))
		s.Other.Refuse(8080)
		for range 14 {
			s.Shown(gives(s, s.Client, s.Web.VIP(), 1))
		}
		s.Expect("app-refused", rules.Place{Client: s.Client.Addr(), Backend: s.Other.Port(8080)})
		s.Truth.Layer = rules.LayerApp
		s.Forbid("svc-endpoint-terminating")
	},
}
