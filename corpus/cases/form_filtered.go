package cases

import (
	"encoding/binary"
	"net/netip"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var formFiltered = Case{
	Name:  "form-filtered",
	About: "Taken with a filter on one address and one port: ICMP, DNS, the tunnel and the translated leg are gone.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Drop(build.Arrive, func(p build.Packet) bool { return p.Dst.Port() == 53 })
		for _, n := range s.Nodes {
			s.Forms[n.Name] = build.Form{Filter: func(data []byte) bool { return isHTTP(data, s.Client.Addr()) }}
		}
		s.Client.Resolver(s.DNS.VIP()).Lookup("web")
		s.ForAMinute(func() {
			k := s.Client.Get(s.Web.VIP())
			s.Truth.Connections = append(s.Truth.Connections, Connection{Client: k.Client.Local, Outcome: "ok"})
		})
		s.Expect("cap-filtered", rules.Place{})
		s.Healthy()
	},
}

// isHTTP is the capture filter "host ADDR and tcp port 80" for IPv4.
func isHTTP(data []byte, host netip.Addr) bool { return isPort(data, host, 6, 80) }

// isPort is the capture filter "host ADDR and tcp port PORT", or that of another protocol, for IPv4.
func isPort(data []byte, host netip.Addr, proto byte, port uint16) bool {
	if data[0]>>4 != 4 || data[9] != proto {
		return false
	}
	src, _ := netip.AddrFromSlice(data[12:16])
	dst, _ := netip.AddrFromSlice(data[16:20])
	return (src == host || dst == host) && (binary.BigEndian.Uint16(data[20:]) == port || binary.BigEndian.Uint16(data[22:]) == port)
}
