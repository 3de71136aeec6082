// Package sample holds hand-written results for the tests of the handlers, so that what they print depends on no analysis.
package sample

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// Start is when everything begins: 2026-11-23T03:36:12.000123Z.
const Start = 1795404972000123000

const (
	microsecond = 1000
	millisecond = 1000 * microsecond
	second      = 1000 * millisecond
)

// Addr and Port parse addresses.
var (
	Addr = netip.MustParseAddr
	Port = netip.MustParseAddrPort
)

// Hostile is a DNS name, an interface's name or a file's name as an attacker would choose it: a terminal escape
// sequence, a C1 control character, an override of the writing direction, an invisible character and a broken byte.
const Hostile = "\x1b[31mred\x1b[0m\r\n\u009b2J\u202egpj.exe\u200b\xff=cmd|' /C calc'!A0"

// Captures are two nodes' and a file that can't be read.
func Captures() []fact.Capture {
	return []fact.Capture{
		{
			File: "caps/node1.pcap.zst", Node: "node1", Format: "pcap", LinkTypes: []string{"LINUX_SLL2"}, Frames: 295, Bytes: 241_233,
			First: Start, Last: Start + 13*second + 412*millisecond, Digits: 6, Snaplen: 262144, Dropped: -1,
		},
		{
			File: "caps/node2.pcap.zst", Node: "node2", Format: "pcap", LinkTypes: []string{"LINUX_SLL2"}, Frames: 326, Bytes: 270_011, CutFrames: 2,
			First: Start + 2*millisecond, Last: Start + 13*second + 500*millisecond, Digits: 6, Snaplen: 262144, Dropped: 0,
			Damage: []capture.Damage{{Offset: 270_400, Skipped: -1, Frame: 327, What: "record is cut"}},
			Clock:  fact.Clock{Offset: 37_400_000_123, Error: 4 * microsecond, DriftPPM: 1.25, Samples: 18},
		},
		{File: "caps/notes.txt", Dropped: -1, Error: "is no capture: it begins with 54 6f 64 6f"},
	}
}

// Report is a report with a finding of every kind.
func Report() *report.Report {
	f := &fact.Facts{
		Captures: Captures(),
		Totals:   fact.Totals{Frames: 621, Connections: 40, Lookups: 12, Retransmissions: 57, Failed: 17, Late: 2},
	}
	return &report.Report{
		Version: "0.1.0", Facts: f, Findings: []rules.Finding{blackhole(), noEndpoints(), slowDNS(), expansion(), hairpin(), filtered()},
		BySeverity: [rules.Critical + 1]int{rules.Info: 3, rules.Warning: 1, rules.Critical: 2},
		Verdict: rules.Verdict{
			Layer: rules.LayerCNI, DNS: rules.OK, Service: rules.OK, CNI: rules.Failing,
			Text:    "Large packets from 10.244.2.8 to 10.244.1.5 vanish between node2 and node1 and no ICMP error says so: responses over 1448 bytes hang.",
			Account: account(),
		},
		Config:     "netsift.yaml",
		Suppressed: []policy.Suppressed{{Finding: noEndpoints(), Reasons: []string{"shop is being moved (OPS-1742)", "its clients know"}}},
	}
}

// Partial is a report that was asked for a part.
func Partial() *report.Report {
	r := Report()
	r.Part = &report.Part{
		Filter: "host 10.244.1.5 or <b>pod shop/cart</b>", Since: Start + second, Until: Start + 12*second,
		Part: fact.Part{Connections: 12, Lookups: 1, Failed: 9, Late: 2}, Elsewhere: 2,
	}
	r.Verdict.Account.Failed, r.Verdict.Account.Late = 9, 2
	return r
}

// account has something unexplained of every kind.
func account() rules.Account {
	pl := rules.Place{Client: Addr("10.244.1.9"), Service: Port("10.96.0.50:80"), Backend: Port("10.244.2.8:8080")}
	hang := &fact.Connection{Proto: fact.TCP, Outcome: fact.Hang}
	return rules.Account{Failed: 17, Late: 2, Unexplained: 5, Open: []rules.Unexplained{
		{
			Place: pl, Outcome: fact.Hang, Count: 2, Example: hang, Where: vanish(),
			Evidence:    []rules.Evidence{{Ref: fact.Ref{Capture: 1, Frame: 230}, Note: "SYN"}},
			Connections: []string{"node2:230", "node2:251"},
		},
		{
			Place: rules.Place{Client: Addr("10.244.1.9"), Backend: Port("203.0.113.7:443")}, Outcome: fact.ResetOutcome, ByClient: true, Count: 1,
			Hint:    "the client gave up or was cancelled: its timeout, and what it waited for, tell more than packets",
			Example: &fact.Connection{Proto: fact.TCP, Outcome: fact.ResetOutcome}, Connections: []string{"node1:260"},
		},
		{Place: rules.Place{Client: Addr("10.244.1.9"), Server: Port("10.96.0.10:53")}, Outcome: fact.OK, Late: true, Count: 2},
	}}
}

// vanish is a place at which packets vanish.
func vanish() *fact.Where {
	return &fact.Where{
		After:   fact.Viewpoint{Node: "node2", Interface: 2, Name: "eth0", Role: fact.InterfaceRole{Kind: fact.Uplink}, Dir: decode.DirIn},
		Before:  fact.Viewpoint{Node: "node2", Interface: 5, Role: fact.InterfaceRole{Kind: fact.TunnelDevice}, Dir: decode.DirIn},
		Packets: 9, Of: 12, Smallest: 1500, Largest: 7292,
	}
}

func blackhole() rules.Finding {
	pl := rules.Place{Client: Addr("10.244.1.5"), Service: Port("10.96.0.50:80"), Backend: Port("10.244.2.8:8080")}
	return rules.Finding{
		ID: "cni-mtu-blackhole:4f2a", Rule: "cni-mtu-blackhole", Layer: rules.LayerCNI, Severity: rules.Critical, Certainty: rules.Shown,
		Title: "Large packets vanish on their way from 10.244.2.8 to 10.244.1.5 (MTU black hole)",
		Explanation: "The backend sent 1500-byte packets with the don't-fragment flag up to 7 times and none was acknowledged, while packets of up to 612 bytes " +
			"passed on the same connections. No ICMP fragmentation-needed was seen on either node, so the backend can't learn that the path takes less.",
		Because: []string{
			"1448-byte segments were sent 7 times at the same sequence number on node2's veth 10.244.2.8 and never seen on flannel.1",
			"handshakes, requests and responses of up to 560 bytes got through in both directions",
		},
		ToldFrom: []string{"tcp-loss: only large packets are lost, and all of them", "cni-df-drop: there the ICMP error is seen"},
		Explains: []string{"tcp-loss", "cni-mtu-overrun"},
		NextSteps: []string{
			"Compare the MTU of the pod's interface with that of the tunnel device on both nodes: the tunnel's must be at least as large.",
			"kubectl exec -n NAMESPACE POD -- ip link show eth0",
			"ip -d link show flannel.1 # on node2: the tunnel's MTU; 1450 for VXLAN over a 1500-byte network",
			"tracepath -n -m 5 10.244.1.5",
			"iptables-save | grep -E 'icmp.*(DROP|REJECT)|INVALID.*DROP' # a firewall that drops ICMP fragmentation-needed hides the path's MTU from every sender",
		},
		Place: pl,
		Affected: []rules.Affected{
			{Place: pl, Count: 10},
			{Place: rules.Place{Client: Addr("10.244.1.7"), Service: Port("10.96.0.50:80"), Backend: Port("10.244.2.8:8080")}, Count: 2},
		},
		AffectedTotal: 2,
		Nodes:         []netip.Addr{Addr("192.168.1.11"), Addr("192.168.1.10")},
		First:         Start + 812*millisecond, Last: Start + 12*second, Count: 12,
		Where: vanish(),
		Evidence: []rules.Evidence{
			{Ref: fact.Ref{Capture: 1, Frame: 97}, Note: "1500-byte packet on the veth of 10.244.2.8, first transmission"},
			{Ref: fact.Ref{Capture: 1, Frame: 120}, Note: "the same bytes again, third transmission"},
			{Ref: fact.Ref{Capture: 0, Frame: 88}, Note: "the client acknowledges only what came before, so it lives and waits for this segment"},
		},
		Connections: []string{"node1:57", "node1:112"},
	}
}

func noEndpoints() rules.Finding {
	return rules.Finding{
		ID: "svc-no-endpoints:01bc", Rule: "svc-no-endpoints", Layer: rules.LayerService, Severity: rules.Critical, Certainty: rules.Inferred,
		Title:       "The Service at [fd00:10:96::51]:443 has no endpoints",
		Explanation: "The node itself answered every SYN with an ICMPv6 port-unreachable.",
		Because:     []string{"ICMPv6 port-unreachable from fd00:10:244:1::1 quotes the VIP"},
		NextSteps:   []string{"kubectl get endpointslices -A -o wide", "Look whether its selector matches a ready pod."},
		Place:       rules.Place{Client: Addr("fd00:10:244:1::5"), Service: Port("[fd00:10:96::51]:443")},
		Affected:    []rules.Affected{{Place: rules.Place{Client: Addr("fd00:10:244:1::5"), Service: Port("[fd00:10:96::51]:443")}, Count: 1}}, AffectedTotal: 1,
		First: Start + second, Last: Start + second, Recovered: Start + 9*second, Count: 1,
		Evidence:    []rules.Evidence{{Ref: fact.Ref{Capture: 0, Frame: 201}, Note: "port-unreachable from the node"}},
		Connections: []string{"node1:200"},
	}
}

func slowDNS() rules.Finding {
	pl := rules.Place{Client: Addr("10.244.1.5"), Server: Port("10.96.0.10:53"), Backend: Port("10.244.2.3:53"), Name: "db." + Hostile + ".example.com"}
	return rules.Finding{
		ID: "dns-slow:9a01", Rule: "dns-slow", Layer: rules.LayerDNS, Severity: rules.Warning, Certainty: rules.Possible,
		Title:       "DNS answers for " + pl.Name + " are slow",
		Explanation: "Answers took 812 ms in the median; nothing was lost.",
		Because:     []string{"query to answer 812 ms at the server's own pod"},
		NextSteps:   []string{"kubectl -n kube-system logs -l k8s-app=kube-dns"},
		Place:       pl, Affected: []rules.Affected{{Place: pl, Count: 4}}, AffectedTotal: 1, Count: 4,
		First: Start, Last: Start + 4*second,
		Evidence: []rules.Evidence{{Ref: fact.Ref{Capture: 0, Frame: 11}, Note: "query for " + pl.Name}},
	}
}

func expansion() rules.Finding {
	pl := rules.Place{Client: Addr("10.244.1.5"), Server: Port("10.96.0.10:53"), Name: "api.example.com"}
	return rules.Finding{
		ID: "dns-search-expansion:77aa", Rule: "dns-search-expansion", Layer: rules.LayerDNS, Severity: rules.Info, Certainty: rules.Shown,
		Title: "api.example.com walks the search list: 6 of 8 queries are wasted", Place: pl, Affected: []rules.Affected{{Place: pl, Count: 9}}, AffectedTotal: 3, Count: 12,
		First: Start, Last: Start + second, Evidence: []rules.Evidence{{Ref: fact.Ref{Capture: 0, Frame: 1}, Note: "NXDOMAIN"}},
	}
}

func hairpin() rules.Finding {
	pl := rules.Place{Client: Addr("10.244.1.6"), Service: Port("10.96.0.50:80"), Backend: Port("10.244.1.6:8080")}
	return rules.Finding{
		ID: "svc-hairpin:1111", Rule: "svc-hairpin", Layer: rules.LayerService, Severity: rules.Info, Certainty: rules.Shown,
		Title: "10.244.1.6 reaches itself through its own Service", Place: pl, Affected: []rules.Affected{{Place: pl, Count: 1}}, AffectedTotal: 1, Count: 1,
		First: Start, Last: Start + second, Evidence: []rules.Evidence{{Ref: fact.Ref{Capture: 0, Frame: 33}, Note: "hairpin"}},
	}
}

func filtered() rules.Finding {
	return rules.Finding{
		ID: "cap-filtered:0", Rule: "cap-filtered", Layer: rules.LayerCapture, Severity: rules.Info, Certainty: rules.Inferred,
		Title:       "node1.pcap.zst was taken with a filter",
		Explanation: "Only packets with port 80 are in it: no DNS, no ICMP, no tunnels. What is missing there is no sign of a fault.",
		NextSteps:   []string{"tcpdump -i any -w node1.pcap"},
		Count:       1, Evidence: []rules.Evidence{{Ref: fact.Ref{Capture: 0, Frame: 1}, Note: "first frame"}},
	}
}
