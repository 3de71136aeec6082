package cases

import (
	"net/netip"
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var formNameBetween = Case{
	Name: "form-name-between",
	About: "The translated leg was filtered out, and only DNS tells that an address is a Service's, after the first of two equal connections: " +
		"it is a Service's for both.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Only(s.Nodes[0])
		s.Forms[s.Nodes[0].Name] = build.Form{Filter: func(data []byte) bool {
			return isHTTP(data, s.Client.Addr()) || isDNS(data, s.Client.Addr())
		}}
		first := s.Client.Get(s.Web.VIP())
		s.Wait(5 * time.Second) // it is over for so long that nothing more of it is waited for
		l := s.Client.Resolver(s.DNS.VIP()).Lookup("web")
		second := s.Client.Get(s.Web.VIP())
		s.ForAMinute(func() { s.Asked(s.Client.Resolver(s.DNS.VIP()).Lookup("web")) })
		s.Asked(l)
		for _, k := range []*build.Conn{first, second} {
			s.Truth.Connections = append(s.Truth.Connections, Connection{Client: k.Client.Local, Service: s.Web.VIP(), Outcome: "ok"})
		}
		s.Expect("cap-filtered", rules.Place{})
		s.Healthy()
	},
}

// isDNS is the capture filter "host ADDR and udp port 53" for IPv4.
func isDNS(data []byte, host netip.Addr) bool { return isPort(data, host, 17, 53) }
