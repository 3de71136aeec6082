package cases

import (
	"encoding/binary"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var formAnswers = Case{
	Name:  "form-answers",
	About: "Taken with the filter udp src port 53, on the second node also cut to 80 bytes: answers, some of them too short to say to what.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		answers := func(data []byte) bool {
			return data[0]>>4 == 4 && data[9] == 17 && binary.BigEndian.Uint16(data[20:]) == 53
		}
		s.Forms["node1"] = build.Form{Filter: answers}
		s.Forms["node2"] = build.Form{Filter: answers, Snaplen: 80}
		near := s.Nodes[0].Pod(3)
		s.ForAMinute(func() {
			s.DNS.Endpoints(near.Port(53))
			s.Client.Resolver(s.DNS.VIP()).Lookup("web")
			s.DNS.Endpoints(s.DNSPod.Port(53))
			s.Other.Resolver(s.DNS.VIP()).Lookup("web")
		})
		s.Expect("cap-filtered", rules.Place{})
		s.Expect("cap-snaplen", rules.Place{})
		s.Healthy()
	},
}
