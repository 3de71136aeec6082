package cases

import (
	"strings"

	"github.com/netsift/netsift/corpus/build"
)

var dnsUnfinished = Case{
	Name:  "dns-unfinished",
	About: "The capture ends right after a query: nobody can know whether an answer came.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		s.Asked(r.Lookup("web"))
		s.Drop(build.InPod, nil)
		q := s.UDP(s.Client, s.DNS.VIP())
		q.Send(query("api.example.com"))
		s.Healthy()
	},
}

// query is a DNS question for the addresses of a name.
func query(name string) []byte {
	b := []byte{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	for len(name) > 0 {
		label, rest, _ := strings.Cut(name, ".")
		b = append(append(b, byte(len(label))), label...)
		name = rest
	}
	return append(b, 0, 0, 1, 0, 1)
}
