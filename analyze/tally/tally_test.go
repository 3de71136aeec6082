package tally

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

const (
	clean = decode.HasPorts
	none  = decode.Has(0)
)

// ip is an IPv4 packet between hosts a and b.
func ip(a, b uint32, proto uint8, src, dst uint16, has decode.Has) decode.Packet {
	return decode.Packet{
		Network: decode.NetIPv4, Src: wire.Addr4(a), Dst: wire.Addr4(b), Proto: proto, SrcPort: src, DstPort: dst, Has: has,
		Wire: 100,
	}
}

func TestAdd(t *testing.T) {
	dns := func(flags uint16, length uint32) (decode.Packet, []byte) {
		data := make([]byte, 54)
		binary.BigEndian.PutUint16(data[44:], flags)
		p := ip(1, 2, 17, 4000, 53, clean)
		p.Payload, p.PayloadCap = 42, length
		return p, data
	}
	with := func(p decode.Packet, change func(*decode.Packet)) decode.Packet {
		change(&p)
		return p
	}
	query, queryData := dns(0x0100, 12)
	short, _ := dns(0x0100, 11)
	nx, nxData := dns(0x8183, 12)
	queryNX, queryNXData := dns(0x0103, 12)
	for _, row := range []struct {
		name string
		p    decode.Packet
		data []byte
		want fact.Counts
	}{
		{"tcp", ip(1, 2, 6, 1000, 80, clean), nil, fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{TCP: 1}, Flows: fact.FlowCounts{TCP: 1}}},
		{"tcp_without_ports", ip(1, 2, 6, 0, 0, none), nil, fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{TCP: 1}}},
		{
			"later_fragment", with(ip(1, 2, 17, 0, 0, none), func(p *decode.Packet) { p.FragOffset = 1480 }), nil,
			fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{Fragment: 1}},
		},
		{"echo_is_no_flow", ip(1, 2, 1, 7, 7, clean), nil, fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{ICMP: 1}}},
		{
			"icmpv6", with(ip(1, 2, 58, 0, 0, none), func(p *decode.Packet) { p.Network = decode.NetIPv6 }), nil,
			fact.Counts{Network: fact.NetworkCounts{IPv6: 1}, Transport: fact.TransportCounts{ICMPv6: 1}},
		},
		{"sctp_is_no_flow", ip(1, 2, 132, 1, 2, clean), nil, fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{SCTP: 1}}},
		{"esp", ip(1, 2, 50, 0, 0, none), nil, fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{Other: 1}}},
		{"arp", decode.Packet{Network: decode.NetARP, Wire: 100}, nil, fact.Counts{Network: fact.NetworkCounts{ARP: 1}}},
		{"other", decode.Packet{Wire: 100}, nil, fact.Counts{Network: fact.NetworkCounts{Other: 1}}},
		{"dns_query", query, queryData, fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{UDP: 1}, Flows: fact.FlowCounts{UDP: 1}, DNS: fact.DNSCounts{Queries: 1}}},
		{"dns_nxdomain", nx, nxData, fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{UDP: 1}, Flows: fact.FlowCounts{UDP: 1}, DNS: fact.DNSCounts{Responses: 1, NXDomain: 1}}},
		{"dns_query_with_rcode", queryNX, queryNXData, fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{UDP: 1}, Flows: fact.FlowCounts{UDP: 1}, DNS: fact.DNSCounts{Queries: 1}}},
		{"dns_header_cut", short, queryData, fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{UDP: 1}, Flows: fact.FlowCounts{UDP: 1}}},
		{"dns_over_tcp", with(query, func(p *decode.Packet) { p.Proto = 6 }), queryData, fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{TCP: 1}, Flows: fact.FlowCounts{TCP: 1}}},
		{"two_tunnels", with(ip(1, 2, 6, 1000, 80, clean), func(p *decode.Packet) {
			p.Encaps = decode.EncapVXLAN.Set() | decode.EncapGeneve.Set()
		}), nil, fact.Counts{Network: fact.NetworkCounts{IPv4: 1}, Transport: fact.TransportCounts{TCP: 1}, Flows: fact.FlowCounts{TCP: 1}, Tunnels: fact.TunnelCounts{decode.EncapVXLAN: 1, decode.EncapGeneve: 1}}},
		{"tunnel_without_inner", decode.Packet{Encaps: decode.EncapGRE.Set(), Wire: 100}, nil, fact.Counts{Network: fact.NetworkCounts{Other: 1}, Tunnels: fact.TunnelCounts{decode.EncapGRE: 1}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var tally Tally
			tally.Add(&row.p, row.data)
			row.want.Frames, row.want.Bytes = 1, 100
			if d := cmp.Diff(row.want, tally.Counts()); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestFlows(t *testing.T) {
	var tally Tally
	for _, p := range []decode.Packet{
		ip(1, 2, 6, 1000, 80, clean),
		ip(2, 1, 6, 80, 1000, clean), // the other direction
		ip(1, 2, 6, 80, 1000, clean), // the ports exchanged alone: another one
		ip(1, 2, 17, 1000, 80, clean),
		ip(3, 3, 17, 53, 1024, clean), // equal addresses
		ip(3, 3, 17, 1024, 53, clean),
	} {
		for range 3 {
			tally.Add(&p, make([]byte, 100))
		}
	}
	if got := tally.Counts().Flows; got != (fact.FlowCounts{TCP: 2, UDP: 2}) {
		t.Errorf("%+v", got)
	}
}

func TestFlowsAreBounded(t *testing.T) {
	var tally Tally
	for i := range uint32(MaxFlows + 100) {
		p := ip(i, 1<<30, 6, 1, 2, clean)
		tally.Add(&p, nil)
	}
	if got := tally.Counts().Flows; got != (fact.FlowCounts{TCP: MaxFlows, AtLeast: true}) {
		t.Errorf("%+v", got)
	}
}

// The names are the contract of "netsift stats -o json".
func TestJSON(t *testing.T) {
	b, err := json.Marshal(fact.Counts{Tunnels: fact.TunnelCounts{decode.EncapVXLAN: 7, decode.EncapWireGuard: 8}})
	if err != nil {
		t.Fatal(err)
	}
	tunnels := `"vxlan":7`
	for k := range decode.Unwrapped().All() {
		if k != decode.EncapVXLAN {
			tunnels += fmt.Sprintf(`,"%s":0`, k)
		}
	}
	want := `{"frames":0,"bytes":0,"network":{"ipv4":0,"ipv6":0,"arp":0,"other":0},` +
		`"transport":{"tcp":0,"udp":0,"icmp":0,"icmpv6":0,"sctp":0,"fragment":0,"other":0},` +
		`"tunnels":{` + tunnels + `},` +
		`"dns":{"queries":0,"responses":0,"nxdomain":0},"flows":{"tcp":0,"udp":0}}`
	if d := cmp.Diff(want, string(b)); d != "" {
		t.Error(d)
	}
}

func BenchmarkAdd(b *testing.B) {
	var tally Tally
	p := ip(1, 2, 6, 1000, 80, clean)
	for b.Loop() {
		tally.Add(&p, nil)
	}
}
