package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var cniRejectReset = Case{
	Name: "cni-reject-reset",
	About: "A NetworkPolicy of the kind that refuses with a RST in the pod's name, on the pod's node; only the client's is captured, and has " +
		"the RST from the tunnel, with more TTL left than what pods send through it.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Only(s.Nodes[0])
		s.Shown(s.Client.Get(s.Other.Port(9090)))
		s.Reject(build.Arrive, build.TCPReset, func(p build.Packet) bool { return p.Dst == s.Other.Port(8080) })
		k := s.Client.Dial(s.Web.VIP())
		where := rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP(), Backend: s.Other.Port(8080)}
		s.Truth.Connections = append(s.Truth.Connections, Connection{Client: k.Client.Local, Service: where.Service, Backend: where.Backend, Outcome: "refused"})
		s.Expect("cni-reject", where)
		s.Truth.Layer = rules.LayerCNI
		s.Allow("app-refused") // where a filter hides the tunnel
		s.Forbid("svc-no-endpoints")
	},
}
