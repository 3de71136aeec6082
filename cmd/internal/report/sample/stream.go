package sample

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// Connections are one of each outcome and path.
func Connections() []*fact.Connection {
	vxlan := fact.Encap{Kind: decode.EncapVXLAN, VNI: 1, Src: Addr("192.168.1.10"), Dst: Addr("192.168.1.11"), Port: 8472, Overhead: 50}
	ok := &fact.Connection{
		ID: "node1:57", Proto: fact.TCP, Client: Port("10.244.1.5:33890"), Called: Port("10.96.0.50:80"), Service: Port("10.96.0.50:80"),
		KnownBy: fact.Translated, Backend: Port("10.244.2.9:8080"), Outcome: fact.OK, Phase: fact.PhaseClosed,
		Start: Start, End: Start + 21*millisecond, Frames: 56, Handshake: 19_400 * microsecond,
		Legs: []fact.Leg{
			{
				Src: Port("10.244.1.5:33890"), Dst: Port("10.96.0.50:80"), Node: "node1", Frames: 17,
				Views: []fact.View{
					{Interface: 9, Role: fact.InterfaceRole{Kind: fact.Veth, Pod: netip.MustParseAddr("10.244.1.5")}, Flow: fact.ToServer}, {Interface: 9, Role: fact.InterfaceRole{Kind: fact.Veth, Pod: netip.MustParseAddr("10.244.1.5")}, Flow: fact.ToClient},
				},
			},
			{
				Src: Port("10.244.1.5:33890"), Dst: Port("10.244.2.9:8080"), Node: "node1", Encap: []fact.Encap{vxlan}, Frames: 17, After: 4510 * microsecond,
				Views: []fact.View{{Interface: 2, Role: fact.InterfaceRole{Kind: fact.Uplink}}},
			},
		},
	}
	ok.Flow[fact.ToServer] = fact.Flow{Packets: 7, Bytes: 78}
	ok.Flow[fact.ToClient] = fact.Flow{Packets: 7, Bytes: 2067}

	hang := &fact.Connection{
		ID: "node1:112", Proto: fact.TCP, Client: Port("10.244.1.5:51834"), Called: Port("10.96.0.50:80"), Service: Port("10.96.0.50:80"),
		KnownBy: fact.Translated, Backend: Port("10.244.2.8:8080"), Outcome: fact.Hang, Phase: fact.PhaseEstablished,
		Start: Start + 812*millisecond, End: Start + 12*second, Frames: 211, Handshake: 1_234_567,
		Legs: []fact.Leg{{Src: Port("10.244.1.5:51834"), Dst: Port("10.244.2.8:8080"), Encap: []fact.Encap{vxlan}, Frames: 96, After: -1}},
	}
	hang.Flow[fact.ToServer] = fact.Flow{Packets: 12, Bytes: 78}
	hang.Flow[fact.ToClient] = fact.Flow{Packets: 15, Bytes: 1_234_567, Retransmissions: 7}

	refused := &fact.Connection{
		ID: "node1:200", Proto: fact.TCP, Client: Port("[fd00:10:244:1::5]:40000"), Called: Port("[fd00:10:96::51]:443"), Service: Port("[fd00:10:96::51]:443"),
		KnownBy: fact.RejectedByNode, Outcome: fact.Refused, Start: Start + second, End: Start + second + 90*microsecond, Frames: 4, Handshake: -1,
		Legs: []fact.Leg{{
			Src: Port("[fd00:10:244:1::5]:40000"), Dst: Port("[fd00:10:96::51]:443"), Node: "node1", Frames: 4,
			Views: []fact.View{{Interface: 0, Name: Hostile}},
		}},
	}
	refused.Flow[fact.ToServer] = fact.Flow{Packets: 1}

	snat := &fact.Connection{
		ID: "node2:3", Proto: fact.UDP, Client: Port("192.168.1.100:5555"), Called: Port("192.168.1.11:30080"), Service: Port("192.168.1.11:30080"),
		KnownBy: fact.Translated, Backend: Port("10.244.1.7:53"), SNAT: Port("10.244.2.0:61022"), Outcome: fact.Unfinished, Midstream: true,
		Start: Start + 1, End: Start + 300*second, Frames: 123_456, Handshake: -1,
		Legs: []fact.Leg{{
			Src: Port("10.244.2.0:61022"), Dst: Port("10.244.1.7:53"),
			Encap: []fact.Encap{
				{Kind: decode.Encap4in6, Src: Addr("2001:db8::1"), Dst: Addr("2001:db8::2")},
				{Kind: decode.EncapGRE, Src: Addr("192.168.1.11"), Dst: Addr("192.168.1.10"), VNI: 0},
			},
		}},
	}
	snat.Flow[fact.ToServer] = fact.Flow{Packets: 61_728, Bytes: 7_654_321_000}

	ping := &fact.Connection{
		ID: "node1:300", Proto: fact.ICMP, Client: netip.AddrPortFrom(Addr("10.244.1.5"), 7), Called: netip.AddrPortFrom(Addr("10.244.2.8"), 7),
		Backend: netip.AddrPortFrom(Addr("10.244.2.8"), 7), Outcome: fact.OK, Phase: fact.PhaseEstablished, Start: Start + 2*second, End: Start + 3*second,
		Frames: 8, Handshake: -1,
	}
	ping.Flow[fact.ToServer] = fact.Flow{Packets: 4, Bytes: 224}
	return []*fact.Connection{ok, refused, ping, hang, snat}
}

// Lookups are one that walked the search list, one that timed out, and a hostile one.
func Lookups() []*fact.Lookup {
	return []*fact.Lookup{
		{
			Client: Addr("10.244.1.5"), Server: Port("10.96.0.10:53"), Backend: Port("10.244.2.3:53"), Name: "api.example.com",
			Resolver: "glibc", NdotsMin: 3, NdotsMax: -1, Search: []string{"default.svc.cluster.local", "svc.cluster.local", "cluster.local"},
			Candidates: []fact.Candidate{
				{QName: "api.example.com.default.svc.cluster.local", Types: []string{"A", "AAAA"}, Rcode: "NXDOMAIN", Duration: 1_200 * microsecond},
				{QName: "api.example.com.svc.cluster.local", Types: []string{"A", "AAAA"}, Rcode: "NXDOMAIN", Duration: 1_000 * microsecond},
				{QName: "api.example.com.cluster.local", Types: []string{"A", "AAAA"}, Rcode: "NXDOMAIN", Duration: 900 * microsecond},
				{QName: "api.example.com", Types: []string{"A", "AAAA"}, Rcode: "NOERROR", Duration: 1_100 * microsecond},
			},
			Queries: 8, Wasted: 6, WastedTime: 3_100 * microsecond, Start: Start, Duration: 4_200 * microsecond, Outcome: fact.LookupAnswered,
			Answer: []netip.Addr{Addr("203.0.113.7"), Addr("203.0.113.8"), Addr("2001:db8::7")}, First: fact.Ref{Capture: 0, Frame: 211},
		},
		{
			Client: Addr("10.244.1.7"), Server: Port("10.96.0.10:53"), Name: "web", NdotsMin: -1, NdotsMax: -1,
			Candidates: []fact.Candidate{{QName: "web.default.svc.cluster.local", Types: []string{"A"}, Duration: -1}},
			Queries:    1, Retries: 2, Start: Start + second, Duration: 10 * second, Outcome: fact.LookupTimeout, First: fact.Ref{Capture: 1, Frame: 3},
		},
		{
			Client: Addr("fd00:10:244:1::5"), Server: Port("[fd00:10:96::a]:53"), Name: Hostile + ".a-rather-long-name.that.goes.on-and-on.example.org",
			Resolver: "musl", NdotsMin: -1, NdotsMax: -1,
			Candidates: []fact.Candidate{{QName: Hostile, Types: []string{"A"}, Rcode: "NXDOMAIN", Duration: 300 * microsecond}},
			Queries:    1, Wasted: 1, Start: Start + 2*second, Duration: 300 * microsecond, Outcome: fact.LookupNXDomain, First: fact.Ref{Capture: 0, Frame: 400},
		},
	}
}

// DNS are the totals of a capture with such lookups.
func DNS() *fact.DNSTotals {
	return &fact.DNSTotals{
		Lookups: 12, Queries: 96, Wasted: 72, Retries: 3, Unanswered: 1,
		Servers: []fact.DNSServer{
			{Server: Port("10.96.0.10:53"), Backends: []netip.AddrPort{Port("10.244.2.3:53"), Port("10.244.1.2:53")}, Queries: 95, Retries: 3, Answers: 94, Unanswered: 1, Servfail: 2, Median: 1_100 * microsecond},
			{Server: Port("[fd00:10:96::a]:53"), Queries: 1, Answers: 1, Median: 300 * microsecond},
		},
	}
}
