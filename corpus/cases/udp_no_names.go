package cases

import (
	"encoding/binary"
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var udpNoNames = Case{
	Name: "udp-no-names",
	About: "Metrics go to a UDP Service that never answers, and a protocol of requests loses some: on the ports where others ask for " +
		"names, and with beginnings that are nearly a DNS query's.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		metrics := s.Service("default/metrics", "10.96.0.60:8125").UDP().NodePort(30001).Endpoints(s.Other.Port(5353))
		s.Shown(s.Client.Get(s.Web.VIP()))
		r := s.Client.Resolver(s.DNS.VIP())
		s.Asked(r.Lookup("web"))
		almost := query("web.default.svc.cluster.local")
		for i, to := range []bool{true, false, true, false, true, false} {
			server := metrics.VIP()
			if to {
				server = metrics.On(s.Nodes[0])
			}
			k := s.UDP(s.Client, server)
			for n := range 4 {
				b := []byte("requests:1|c|#pod:client,zone:a\n")
				switch i / 2 {
				case 1: // a counter, where DNS has its id, and behind it a header that no query has
					b = append([]byte(nil), almost...)
					binary.BigEndian.PutUint16(b[2:], 0x2800)
				case 2: // more behind the question than DNS has there
					b = append(append([]byte(nil), almost...), make([]byte, 40)...)
				}
				binary.BigEndian.PutUint16(b, uint16(n))
				k.Send(b)
				s.Wait(5 * time.Second)
			}
		}
		s.Allow("svc-snat-client-lost", "dns-search-expansion")
		s.Healthy()
	},
}
