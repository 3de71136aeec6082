package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// callers are machines outside of the cluster that call a NodePort in turn, each with a clock of its own; the node masquerades them all.
func callers(s *Scene) []*build.External {
	var all []*build.External
	for _, a := range []string{"192.168.1.101", "192.168.1.102", "192.168.1.103", "192.168.1.104"} {
		all = append(all, s.External(a))
	}
	return all
}

var appTimestampDrop = Case{
	Name: "app-timestamp-drop",
	About: "Four machines reach a server by a node's address. The server remembers the last timestamp of that address, and ignores SYNs with older ones " +
		"(net.ipv4.tcp_tw_recycle).",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.NodePort(30080)
		last := uint32(0)
		s.Drop(build.InPod, func(p build.Packet) bool {
			if !p.SYN || p.Dst.Addr() != s.Other.Addr() {
				return false
			}
			if last != 0 && int32(p.TSVal-last) < 0 {
				return true
			}
			last = p.TSVal
			return false
		})
		hung, machines := 0, callers(s)
		for range 2 {
			for _, e := range machines {
				k := s.Cluster.Dial(e, s.Web.On(s.Nodes[0]), build.Dialer{Tries: 3})
				if k.End == build.Hang {
					hung++
					s.Expect("app-timestamp-drop", rules.Place{Backend: s.Other.Port(8080)})
					continue
				}
				k.Send(68)
				k.Reply(190)
				k.Close()
			}
			s.Wait(time.Second)
		}
		if hung < 2 {
			panic("app-timestamp-drop: the clocks are in order by chance, nothing is dropped")
		}
		s.Truth.Layer = rules.LayerApp
		s.Forbid("cni-no-reply", "app-backlog-full")
	},
}

var timestampsNotPolicy = Case{
	Name:  "timestamps-not-policy",
	About: "The look-alike: of four such machines two get no answer, whatever their timestamps are.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Web.NodePort(30080)
		n, machines := 0, callers(s)
		s.Drop(build.InPod, func(p build.Packet) bool {
			if p.SYN && p.Dst.Addr() == s.Other.Addr() {
				n++
			}
			return p.SYN && p.Dst.Addr() == s.Other.Addr() && n%4 < 3
		})
		for range 4 {
			for _, e := range machines {
				s.Cluster.Dial(e, s.Web.On(s.Nodes[0]), build.Dialer{Tries: 3})
			}
		}
		s.Truth.LayerOpen = true
		s.Allow("app-backlog-full")
		s.Forbid("app-timestamp-drop")
	},
}
