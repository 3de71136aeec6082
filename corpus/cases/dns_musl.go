package cases

import (
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

var dnsMusl = Case{
	Name:  "dns-musl",
	About: "musl asks for A and AAAA at once; the same walk of the search list.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		r := s.Client.Resolver(s.DNS.VIP())
		r.Libc = build.Musl
		s.Asked(r.Lookup("api.example.com"))
		s.Expect("dns-search-expansion", rules.Place{Client: s.Client.Addr()})
		s.Healthy()
	},
}
