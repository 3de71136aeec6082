package cases

import (
	"net/netip"
	"time"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/rules"
)

// many gives a name so many addresses that its answer over UDP does not fit into a packet.
func many(s *Scene, name string) {
	for i := range 60 {
		a := netip.AddrFrom4([4]byte{10, 244, 9, byte(i)})
		s.Zone[name] = append(s.Zone[name], a)
	}
}

// fromDNS selects the answers of DNS servers.
func fromDNS(p build.Packet) bool { return p.UDP && p.Src.Port() == 53 }

// largeFromDNS selects those that travel in fragments.
func largeFromDNS(p build.Packet) bool { return fromDNS(p) && p.Payload > 1500 }

// askSmallAndMany asks for a name with one address, and then for one with many, as often as said.
func askSmallAndMany(s *Scene, times int) {
	many(s, "many.default.svc.cluster.local")
	r := s.Client.Resolver(s.DNS.VIP())
	r.OnlyA, r.EDNS = true, 4096
	for range times {
		r.Lookup("web.default.svc.cluster.local.")
		s.Wait(time.Second)
		r.Lookup("many.default.svc.cluster.local.")
		s.Wait(6 * time.Second)
	}
}

var dnsFragmented = Case{
	Name:  "dns-fragmented",
	About: "An answer that is larger than the MTU travels in fragments, and the network between the nodes lets only first ones through.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		s.Tear(build.Uplink, fromDNS)
		askSmallAndMany(s, 1)
		s.Expect("dns-fragmented", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerDNS
		s.Forbid("dns-no-response", "dns-intermittent-timeout", "cni-no-reply", "cni-fragments-lost")
	},
}

var dnsFragmentedDropped = Case{
	Name:  "dns-fragmented-dropped",
	About: "The client's node gets all fragments, by IPv6 and plain routes, and drops the answer that they make.",
	Script: func(s *Scene) {
		s.Start(build.Options{IPv6: true, CNI: build.HostGW})
		s.Drop(build.Arrive, largeFromDNS)
		askSmallAndMany(s, 2)
		s.Expect("dns-fragmented", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerDNS
		s.Allow("dns-no-response") // which is all that a capture without any fragment can show
		s.Forbid("dns-intermittent-timeout", "cni-no-reply")
	},
}

var dnsFragmentedVanish = Case{
	Name:  "dns-fragmented-vanish",
	About: "The network between the nodes drops every fragment of an answer, the first one too.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.Geneve})
		s.Drop(build.Uplink, largeFromDNS)
		askSmallAndMany(s, 2)
		s.Expect("dns-fragmented", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerDNS
		s.Allow("dns-no-response") // which is all that a capture without any fragment can show
		s.Forbid("dns-intermittent-timeout", "cni-no-reply")
	},
}

var dnsFragmentedServer = Case{
	Name:  "dns-fragmented-server",
	About: "Only the server's node is captured: large answers leave in fragments, and the client asks for them again and again.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.IPIP})
		s.Only(s.Nodes[1])
		s.Tear(build.Uplink, fromDNS)
		askSmallAndMany(s, 3)
		s.Expect("dns-fragmented", rules.Place{Client: s.Client.Addr()})
		s.Truth.Layer = rules.LayerDNS
		s.Forbid("dns-no-response", "dns-intermittent-timeout", "cni-no-reply")
	},
}

var dnsFragmentedUpstream = Case{
	Name:  "dns-fragmented-upstream",
	About: "It is the cluster's DNS server that gets only first fragments, from the one that it forwards to.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		up := s.External("192.168.1.53")
		many(s, "many.example.com")
		s.Tear(build.FromOutside, fromDNS)
		r := s.Client.Resolver(s.DNS.VIP())
		r.OnlyA = true
		for range 3 {
			r.LookupWith("web.default.svc.cluster.local.", build.Names{Upstream: up})
			r.LookupWith("many.example.com.", build.Names{Upstream: up})
			s.Wait(8 * time.Second)
		}
		s.Expect("dns-fragmented", rules.Place{Backend: up.Port(53)})
		s.Truth.Layer = rules.LayerDNS
		s.Allow("dns-servfail") // which is all that a filter for the client leaves
		s.Forbid("dns-no-response")
	},
}

var dnsFragmentedOK = Case{
	Name:  "dns-fragmented-ok",
	About: "The look-alike: large answers travel in fragments, and all of them arrive.",
	Script: func(s *Scene) {
		s.Start(build.Options{})
		askSmallAndMany(s, 3)
		s.Healthy()
	},
}

var dnsFragmentedFiltered = Case{
	Name:  "dns-fragmented-filtered",
	About: "The same, taken with a filter for port 53: later fragments have no ports, and are not in the capture.",
	Script: func(s *Scene) {
		s.Start(build.Options{CNI: build.HostGW})
		askSmallAndMany(s, 3)
		only53 := func(b []byte) bool {
			if b[0]>>4 != 4 || b[9] != 17 || (b[6]&0x1f != 0 || b[7] != 0) {
				return false
			}
			from, to := int(b[20])<<8|int(b[21]), int(b[22])<<8|int(b[23])
			return from == 53 || to == 53
		}
		for _, n := range s.Nodes {
			s.Forms[n.Name] = build.Form{Filter: only53}
		}
		s.Healthy()
	},
}
