package decode_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/netsift/netsift/decode"
)

// icmp is an ICMP or ICMPv6 message.
func icmp(kind, code byte, word string, payload []byte) []byte {
	return cat([]byte{kind, code, 0, 0}, unhex(word), payload)
}

type quoted struct {
	Src, Dst         string
	Proto            uint8
	SrcPort, DstPort uint16
	Seq              uint32
	Has              decode.Has
	IPLen            uint32
	Encaps           []decode.EncapKind
}

func TestQuote(t *testing.T) {
	pod := ip4(6, tcp("", make([]byte, 1400)))
	const inPod = decode.HasPorts | decode.HasSeq | decode.HasDF
	overVXLAN := ip4of(node4, other4, 17, udp(50000, 8472, vxlan(1, eth(0x0800, pod))))
	overIPIP := ip4of(node4, other4, 4, pod)
	port := ip4of("10.96.0.50", pod4, 1, icmp(3, 3, "00000000", set(ip4(17, udp(1, 2, nil)), 8, "3e")))
	for _, row := range []struct {
		name string
		data []byte
		want quoted
	}{
		{
			"eight_bytes_of_tcp", ip4(1, icmp(3, 4, "0000 0578", pod[:28])),
			quoted{pod4, peer4, 6, 33890, 80, 0x01020304, inPod, 1440, nil},
		},
		{
			"whole_tcp_header", ip4(1, icmp(3, 4, "0000 0578", pod[:548])),
			quoted{pod4, peer4, 6, 33890, 80, 0x01020304, inPod | decode.HasTCP, 1440, nil},
		},
		{
			"header_alone", ip4(1, icmp(11, 0, "00000000", pod[:20])),
			quoted{pod4, peer4, 6, 0, 0, 0, decode.HasDF, 1440, nil},
		},
		{"udp", port, quoted{pod4, peer4, 17, 1, 2, 0, decode.HasPorts | decode.HasDF, 28, nil}},
		{
			"packet_of_a_tunnel", ip4(1, icmp(3, 4, "0000 05dc", overVXLAN[:120])),
			quoted{pod4, peer4, 6, 33890, 80, 0x01020304, inPod | decode.HasTCP, 1440, []decode.EncapKind{decode.EncapVXLAN}},
		},
		{
			"packet_of_ipip", ip4(1, icmp(3, 13, "00000000", overIPIP[:48])),
			quoted{pod4, peer4, 6, 33890, 80, 0x01020304, inPod, 1440, []decode.EncapKind{decode.Encap4in4}},
		},
		{
			"tunnel_cut_after_udp", ip4(1, icmp(3, 3, "00000000", overVXLAN[:28])),
			quoted{node4, other4, 17, 50000, 8472, 0, decode.HasPorts | decode.HasDF, 1490, nil},
		},
		{
			"gso_length", ip4(1, icmp(3, 4, "0000 05aa", set(pod[:28], 2, "1c7c"))),
			quoted{pod4, peer4, 6, 33890, 80, 0x01020304, inPod, 7292, nil},
		},
		{
			"icmpv6_packet_too_big", ip6(58, icmp(2, 0, "00000500", ip6(6, tcp("", nil)))),
			quoted{pod6, peer6, 6, 33890, 80, 0x01020304, inPod | decode.HasTCP, 60, nil},
		},
		{
			"quoted_echo", ip4(1, icmp(11, 0, "00000000", ip4(1, icmp(8, 0, "0007 0001", nil)))),
			quoted{pod4, peer4, 1, 7, 7, 0, decode.HasPorts | decode.HasICMP | decode.HasDF, 28, nil},
		},
		{
			"later_fragment", ip4(1, icmp(11, 1, "00000000", set(pod[:28], 6, "00b9"))),
			quoted{pod4, peer4, 6, 0, 0, 0, 0, 1440, nil},
		},
		{
			"cut_header_length", ip4(1, icmp(3, 1, "00000000", set(pod[:28], 0, "4f"))),
			quoted{pod4, peer4, 6, 0, 0, 0, decode.HasDF, 1440, nil},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			stacks := decode.NewStacks()
			d := decode.New(decode.Options{}, stacks)
			// The error itself comes through a tunnel, which must not show in the quote.
			frame := in4(17, udp(50000, 8472, vxlan(1, eth(0x0800, row.data))))
			if row.data[0]>>4 == 6 {
				frame = in4(17, udp(50000, 8472, vxlan(1, eth(0x86dd, row.data))))
			}
			p, q := decode.Packet{Time: 5, Frame: 6}, decode.Packet{}
			d.Decode(&p, 1, frame, uint32(len(frame)))
			if p.Has&decode.HasQuote == 0 || !d.Quote(&p, frame, &q) {
				t.Fatalf("no quote in %+v", p)
			}
			got := quoted{q.Src.Netip().String(), q.Dst.Netip().String(), q.Proto, q.SrcPort, q.DstPort, q.Seq, q.Has, q.IPLen, nil}
			for _, e := range stacks.Get(q.Stack).Encaps {
				got.Encaps = append(got.Encaps, e.Kind)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if q.Time != 5 || q.Frame != 6 || q.MAC != p.MAC || q.Wire != p.Wire {
				t.Errorf("the quote is not from the same frame: %+v", q)
			}
			if len(stacks.Get(p.Stack).Encaps) != 1 || p.Proto != row.data[9] && p.Proto != 58 {
				t.Errorf("the quoted packet became the frame's: %+v", p)
			}
		})
	}
}

func TestNoQuote(t *testing.T) {
	pod := ip4(6, tcp("", nil))
	for name, data := range map[string][]byte{
		"echo":                ip4(1, icmp(8, 0, "0001 0001", pod)),
		"quote_of_19_bytes":   ip4(1, icmp(3, 3, "00000000", pod[:19])),
		"no_ip_in_quote":      ip4(1, icmp(3, 3, "00000000", set(pod, 0, "05"))),
		"ipv6_quote_too_cut":  ip6(58, icmp(1, 0, "00000000", ip6(6, nil)[:39])),
		"router_solicitation": ip6(58, icmp(133, 0, "00000000", nil)),
		"icmp_cut":            ip4(1, unhex("0303 0000")),
		"tcp":                 pod,
	} {
		p, _ := packet(228, data)
		q := decode.Packet{SrcPort: 99}
		if decode.New(decode.Options{}, decode.NewStacks()).Quote(&p, data, &q) || p.Has&decode.HasQuote != 0 {
			t.Errorf("%s: quote %+v", name, q)
		}
	}
}

func TestEchoPorts(t *testing.T) {
	for _, data := range [][]byte{ip4(1, icmp(8, 0, "0102 0003", nil)), ip6(58, icmp(129, 0, "0102 0003", nil))} {
		p, _ := packet(228, data)
		if p.SrcPort != 0x102 || p.DstPort != 0x102 || p.ICMPWord != 0x01020003 || p.Has&decode.HasPorts == 0 {
			t.Errorf("%+v", p)
		}
	}
}
