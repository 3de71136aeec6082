package cases

import (
	"net/netip"

	"github.com/netsift/netsift/corpus/build"
)

var portScan = Case{
	Name: "port-scan",
	About: "A scanner in a pod sends SYNs without timestamps to many ports and a Service, all from one port and with one sequence number, as nmap does: " +
		"each is a connection of its own, and none goes in circles.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		targets := []netip.AddrPort{s.Web.VIP(), s.Other.Port(9090)}
		for port := uint16(20); port < 28; port++ {
			targets = append(targets, s.Other.Port(port))
		}
		for _, to := range targets {
			k := s.Dial(s.Client, to, build.Dialer{Port: 50000, NoTimestamps: true, ISN: 0x5ca11e4})
			k.Client.Reset() // it knows enough
			k.End = build.OK
			s.Shown(k)
		}
		s.Healthy()
	},
}
