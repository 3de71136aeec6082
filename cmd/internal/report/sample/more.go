package sample

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// Tallies are what is in Captures.
func Tallies() []report.Tally {
	c := Captures()
	return []report.Tally{
		{Capture: c[0], Counts: fact.Counts{
			Frames: 295, Bytes: 241_233, Network: fact.NetworkCounts{IPv4: 218, IPv6: 70, ARP: 7},
			Transport: fact.TransportCounts{TCP: 200, UDP: 16, ICMPv6: 70, Fragment: 2}, Tunnels: fact.TunnelCounts{decode.EncapVXLAN: 54, decode.Encap4in6: 1},
			DNS: fact.DNSCounts{Queries: 8, Responses: 8, NXDomain: 6}, Flows: fact.FlowCounts{TCP: 12, UDP: 4},
		}},
		{Capture: c[1], Counts: fact.Counts{Frames: 326, Bytes: 270_011, Network: fact.NetworkCounts{IPv4: 326}, Transport: fact.TransportCounts{TCP: 326}, Flows: fact.FlowCounts{TCP: 6}}},
		{Capture: c[2]},
	}
}

// Catalogue is a small one.
func Catalogue() []policy.Rule {
	return []policy.Rule{
		{On: true, Rule: &rules.Rule{
			ID: "dns-search-expansion", Layer: rules.LayerDNS, Severity: rules.Info, Title: "A name with few dots walked the search list",
			Text:  "The resolver tried the name with every suffix of its search list before the name itself, because it has fewer dots than ndots.",
			Needs: "the NXDOMAIN candidates and the final answer", Explains: []string{"dns-nxdomain"}, ToldFrom: []string{"dns-nxdomain: there no candidate is answered"},
			NextSteps: []string{"Write the name with a trailing dot.", "kubectl explain pod.spec.dnsConfig # ndots can be set for each pod"},
			Sources:   []string{"resolv.conf(5)"}, Since: "0.1.0",
		}, Severity: rules.Warning, Settings: []policy.Setting{{Name: "dns_walks", Value: "3", Default: "2", Text: "how many lookups must have walked the list"}}},
		{On: true, Rule: &rules.Rule{
			ID: "cni-mtu-blackhole", Layer: rules.LayerCNI, Severity: rules.Critical, Title: "Large packets vanish and no ICMP error says so | small ones pass",
			Text: "Large segments with the don't-fragment flag are lost again and again while small ones pass.", Needs: "small ones acknowledged, large ones sent again",
			Explains: []string{"tcp-loss", "cni-mtu-overrun"},
		}},
		{Rule: &rules.Rule{ID: "cap-empty", Layer: rules.LayerCapture, Severity: rules.Info, Title: "The capture holds no packets"}},
	}
}

// Services are two, one with a bad backend and one with none at all.
func Services() []report.BackendUse {
	var s report.Services
	ok, refused := *Connections()[0], *Connections()[1]
	bad := ok
	bad.Backend, bad.Outcome = Port("10.244.2.8:8080"), fact.Hang
	bad.Flow[fact.ToClient].Retransmissions = 7
	for range 9 {
		s.Add(&ok)
	}
	s.Add(&bad)
	half := bad
	half.Outcome = fact.OK
	s.Add(&half)
	s.Add(&refused)
	s.Add(Connections()[2]) // calls no Service
	return s.List()
}
