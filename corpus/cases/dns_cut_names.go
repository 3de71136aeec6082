package cases

import (
	"time"

	"github.com/netsift/netsift/corpus/build"
)

var dnsCutNames = Case{
	Name: "dns-cut-names",
	About: "A snaplen of 96 leaves short names of a search readable and cuts the longer ones: one of those left is no name " +
		"that somebody asked for and that does not exist. The node's own domain is at the end of the list, and its answers are slow.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		for _, n := range s.Nodes {
			s.Forms[n.Name] = build.Form{Snaplen: 96}
		}
		r := s.Client.Resolver(s.DNS.VIP())
		r.Search = append(r.Search, "corp.example")
		r.LookupWith("api.example.com", build.Names{Delay: map[string]time.Duration{"api.example.com.corp.example": 546 * time.Millisecond, "api.example.com": 504 * time.Millisecond}})
		s.Allow("dns-slow")
		s.Allow("dns-search-expansion")
		s.Truth.LayerOpen = true
		s.Forbid("dns-nxdomain")
	},
}
