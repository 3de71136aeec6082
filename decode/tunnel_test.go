package decode_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// in carries b from node4 to other4 behind an IPv4 header.
func in4(proto byte, b []byte) []byte { return eth(0x0800, ip4of(node4, other4, proto, b)) }

func in6(next byte, b []byte) []byte {
	return eth(0x86dd, ip6of("2001:db8::a", "2001:db8::b", next, b))
}

func e4(kind decode.EncapKind, vni uint32, port uint16) decode.Encap {
	return decode.Encap{Src: addr(node4), Dst: addr(other4), Kind: kind, VNI: vni, Port: port}
}

func e6(kind decode.EncapKind, vni uint32, port uint16) decode.Encap {
	return decode.Encap{Src: addr("2001:db8::a"), Dst: addr("2001:db8::b"), Kind: kind, VNI: vni, Port: port}
}

func TestTunnels(t *testing.T) {
	inner4, inner6 := ip4(6, tcp("", nil)), ip6(6, tcp("", nil))
	frame4 := eth(0x0800, inner4)
	dstOptions := unhex("00 00 04 01 04 01 01 00") // next header to be set
	for _, row := range []struct {
		name string
		data []byte
		want []decode.Encap
	}{
		{"vxlan_iana", in4(17, udp(50000, 4789, vxlan(0xabcdef, frame4))), []decode.Encap{e4(decode.EncapVXLAN, 0xabcdef, 4789)}},
		{"vxlan_linux", in4(17, udp(50000, 8472, vxlan(1, frame4))), []decode.Encap{e4(decode.EncapVXLAN, 1, 8472)}},
		{"vxlan_by_option", in4(17, udp(50000, 4444, vxlan(1, frame4))), []decode.Encap{e4(decode.EncapVXLAN, 1, 4444)}},
		{"vxlan_over_ipv6", in6(17, udp(50000, 8472, vxlan(1, frame4))), []decode.Encap{e6(decode.EncapVXLAN, 1, 8472)}},
		{"vxlan_by_source_port", in4(17, udp(4789, 50000, vxlan(1, frame4))), []decode.Encap{e4(decode.EncapVXLAN, 1, 50000)}},
		{"vxlan_group_policy", in4(17, udp(50000, 4789, set(vxlan(1, frame4), 0, "8800 0003"))), []decode.Encap{e4(decode.EncapVXLAN, 1, 4789)}},
		{"vxlan_with_vlan_inside", in4(17, udp(50000, 8472, vxlan(1, eth(0x8100, vlan(7, 0x0800, inner4))))), []decode.Encap{e4(decode.EncapVXLAN, 1, 8472)}},
		{"geneve", in4(17, udp(50000, 6081, geneve(7, 0x6558, 0, frame4))), []decode.Encap{e4(decode.EncapGeneve, 7, 6081)}},
		{"geneve_252_bytes_of_options", in4(17, udp(50000, 6081, geneve(7, 0x6558, 252, frame4))), []decode.Encap{e4(decode.EncapGeneve, 7, 6081)}},
		{"geneve_ip_inside", in4(17, udp(50000, 6081, geneve(7, 0x0800, 8, inner4))), []decode.Encap{e4(decode.EncapGeneve, 7, 6081)}},
		{"geneve_ipv6_inside", in6(17, udp(50000, 6081, geneve(7, 0x86dd, 0, inner6))), []decode.Encap{e6(decode.EncapGeneve, 7, 6081)}},
		{"geneve_by_option", in4(17, udp(50000, 5555, geneve(7, 0x6558, 0, frame4))), []decode.Encap{e4(decode.EncapGeneve, 7, 5555)}},
		{"4in4", in4(4, inner4), []decode.Encap{e4(decode.Encap4in4, 0, 0)}},
		{"6in4", in4(41, inner6), []decode.Encap{e4(decode.Encap6in4, 0, 0)}},
		{"6_announced_as_4", in4(4, inner6), []decode.Encap{e4(decode.Encap6in4, 0, 0)}},
		{"4in6_behind_destination_options", in6(60, cat(set(dstOptions, 0, "04"), inner4)), []decode.Encap{e6(decode.Encap4in6, 0, 0)}},
		{"6in6_behind_destination_options", in6(60, cat(set(dstOptions, 0, "29"), inner6)), []decode.Encap{e6(decode.Encap6in6, 0, 0)}},
		{"gre", in4(47, cat(unhex("0000 0800"), inner4)), []decode.Encap{e4(decode.EncapGRE, 0, 0)}},
		{"gre_over_ipv6", in6(47, cat(unhex("0000 86dd"), inner6)), []decode.Encap{e6(decode.EncapGRE, 0, 0)}},
		{"gre_checksum_key_sequence", in4(47, cat(unhex("b000 0800 00000000 0000002a 00000001"), inner4)), []decode.Encap{e4(decode.EncapGRE, 42, 0)}},
		{"gre_ethernet", in4(47, cat(unhex("2000 6558 0000002a"), frame4)), []decode.Encap{e4(decode.EncapGRE, 42, 0)}},
		{"gre_source_routes", in4(47, cat(unhex("4000 0800 00000000 0800 00 04 0a000001 0000 00 00"), inner4)), []decode.Encap{e4(decode.EncapGRE, 0, 0)}},
		{"pptp", in4(47, cat(unhex("3081 880b 0020 0001 00000005 00000004 ff03 0021"), inner4)), []decode.Encap{e4(decode.EncapGRE, 0x00200001, 0)}},
		{"gre_mpls", in4(47, cat(unhex("0000 8847 00010140"), inner4)), []decode.Encap{e4(decode.EncapGRE, 0, 0)}},
		{"gre_wccp2", in4(47, cat(unhex("0000 883e 00000000"), inner4)), []decode.Encap{e4(decode.EncapGRE, 0, 0)}},
		{"erspan_1", in4(47, cat(unhex("0000 88be"), frame4)), []decode.Encap{e4(decode.EncapGRE, 0, 0)}},
		{"erspan_2", in4(47, cat(unhex("1000 88be 00000001 1001 0001 00000000"), frame4)), []decode.Encap{e4(decode.EncapGRE, 0, 0)}},
		{"erspan_3", in4(47, cat(unhex("1000 22eb 00000001 2001 0001 00000000 0000 0000"), frame4)), []decode.Encap{e4(decode.EncapGRE, 0, 0)}},
		{"erspan_3_subheader", in4(47, cat(unhex("1000 22eb 00000001 2001 0001 00000000 0000 0001 0000000000000000"), frame4)), []decode.Encap{e4(decode.EncapGRE, 0, 0)}},
		{"eoip", in4(47, cat(unhex("2001 6400 0030 0001"), frame4)), []decode.Encap{e4(decode.EncapGRE, 0x00300001, 0)}},
		{"ah_stepped_over", in4(51, cat(unhex("04 04 0000 00000001 00000002 000000000000000000000000"), inner4)), []decode.Encap{e4(decode.Encap4in4, 0, 0)}},
		{
			"nested_geneve_vxlan", in4(17, udp(1, 6081, geneve(7, 0x6558, 0, in4(17, udp(2, 8472, vxlan(1, frame4)))))),
			[]decode.Encap{e4(decode.EncapGeneve, 7, 6081), e4(decode.EncapVXLAN, 1, 8472)},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, encaps := packet(1, row.data)
			if d := cmp.Diff(row.want, encaps); d != "" {
				t.Errorf("encapsulations (-want +got)\n%s", d)
			}
			var kinds decode.EncapSet
			for _, e := range row.want {
				kinds |= e.Kind.Set()
			}
			if p.Proto != 6 || p.SrcPort != 33890 || p.Has&decode.HasTCP == 0 || p.Stop.Reason != 0 || p.Encaps != kinds ||
				p.Src != addr(pod4) && p.Src != addr(pod6) || p.OuterIPLen != uint32(len(row.data)-14) {
				t.Errorf("%+v", p)
			}
			if int(p.Payload) != len(row.data) || p.PayloadLen != 0 {
				t.Errorf("payload of %d at %d, want at %d", p.PayloadLen, p.Payload, len(row.data))
			}
		})
	}
}

// TestUDPTunnels decodes a packet on each port of each tunnel over UDP, usual ones and one by option, on either side: no
// switch over kinds has left one out, and the second decoder agrees.
func TestUDPTunnels(t *testing.T) {
	frame := eth(0x0800, ip4(6, tcp("", nil)))
	carried := map[decode.EncapKind][]byte{
		decode.EncapVXLAN: vxlan(1, frame), decode.EncapGeneve: geneve(1, 0x6558, 0, frame),
	}
	for k := range decode.UDPTunnels().All() {
		if carried[k] == nil {
			t.Errorf("no packet of %s to be tested with", k)
		}
		d := decode.New(decode.Options{Ports: map[decode.EncapKind][]uint16{k: {7777}}}, decode.NewStacks())
		for _, port := range append([]uint16{7777}, k.Ports()...) {
			for _, data := range [][]byte{
				in4(17, udp(50000, int(port), carried[k])), in4(17, udp(int(port), 50000, carried[k])), in6(17, udp(50000, int(port), carried[k])),
			} {
				var p decode.Packet
				if d.Decode(&p, 1, data, uint32(len(data))); p.Encaps != k.Set() || p.Proto != 6 {
					t.Errorf("%s, port %d: %+v", k, port, p)
				}
				if port != 7777 { // which compare does not know
					for cut := range len(data) + 1 {
						compare(t, 1, data[:cut], uint32(len(data)))
					}
				}
			}
		}
	}
	p, _ := packet(1, in4(17, udp(50000, wire.WireGuardPort, vxlan(1, frame))))
	if p.Encaps != 0 || p.Proto != 17 {
		t.Errorf("a port of WireGuard: %+v", p)
	}
}

// Near misses: the port says tunnel and the header does not.
func TestNoTunnel(t *testing.T) {
	frame4 := eth(0x0800, ip4(6, tcp("", nil)))
	for _, row := range []struct {
		name string
		data []byte
	}{
		{"vxlan_without_i_flag", in4(17, udp(50000, 8472, set(vxlan(1, frame4), 0, "00")))},
		{"vxlan_reserved_bits_and_no_ethernet", in4(17, udp(50000, 8472, unhex("08010000 00000100 deadbeef")))},
		{"vxlan_empty", in4(17, udp(50000, 8472, nil))},
		{"vxlan_by_source_port_with_policy", in4(17, udp(4789, 50000, set(vxlan(1, frame4), 0, "88")))},
		{"vxlan_by_source_port_without_ethernet", in4(17, udp(4789, 50000, vxlan(1, unhex("00112233"))))},
		{"geneve_version_1", in4(17, udp(50000, 6081, set(geneve(7, 0x6558, 0, frame4), 0, "40")))},
		{"dns_answer_to_geneve's_port", in4(17, udp(53, 6081, geneve(7, 0x6558, 0, frame4)))},
		{"dns_answer_to_vxlan's_port", in4(17, udp(53, 8472, vxlan(7, frame4)))},
		{"dns_question_from_geneve's_port", in4(17, udp(6081, 53, geneve(7, 0x6558, 0, frame4)))},
		{"geneve_without_ethertype", in4(17, udp(50000, 6081, geneve(7, 0x0001, 0, frame4)))},
		{"dns_to_8472", in4(17, udp(53, 8472, unhex("1234 8180 0001 0001 0000 0000 00")))},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, encaps := packet(1, row.data)
			if len(encaps) != 0 || p.Encaps != 0 || p.Proto != 17 || p.Has&decode.HasPorts == 0 || p.Src != addr(node4) {
				t.Errorf("%v: %+v", encaps, p)
			}
		})
	}
}

// A tunnel in which nothing is found leaves no trace of the outer header in the fields of the innermost one.
func TestTunnelWithoutInner(t *testing.T) {
	for name, data := range map[string][]byte{
		"gre_of_cdp":        in4(47, unhex("0000 2000 02b4")),
		"vxlan_of_lldp":     in4(17, udp(50000, 8472, vxlan(1, eth(0x88cc, nil)))),
		"geneve_of_nothing": in4(17, udp(50000, 6081, geneve(1, 0x6558, 0, nil))),
		"vxlan_header_cut":  in4(17, udp(50000, 8472, unhex("08"))),
		"bad_inner_version": in4(4, unhex("55")),
	} {
		p, encaps := packet(1, data)
		if len(encaps) != 1 || p.Network != decode.NetOther || !p.Src.IsZero() || p.Proto != 0 || p.Has != 0 ||
			p.SrcPort != 0 || p.IPLen != 0 || p.OuterIPLen == 0 || p.OuterTTL != 63 {
			t.Errorf("%s: %v %+v", name, encaps, p)
		}
	}
}

func TestDepth(t *testing.T) {
	b := ip4(17, udp(1, 2, nil))
	for range decode.MaxDepth {
		b = ip4of(node4, other4, 4, b)
	}
	p, encaps := packet(101, b)
	if len(encaps) != decode.MaxDepth || p.DstPort != 2 || p.Stop.Reason != decode.StopNone {
		t.Errorf("at the limit: %d encapsulations, %+v", len(encaps), p)
	}
	p, encaps = packet(101, ip4of(node4, other4, 4, b))
	if len(encaps) != decode.MaxDepth || p.Proto != 4 || p.Src != addr(node4) || p.Stop.Reason != decode.StopDepth {
		t.Errorf("beyond the limit: %d encapsulations, %+v", len(encaps), p)
	}
}

func TestStackIsSharedByDirections(t *testing.T) {
	stacks := decode.NewStacks()
	d := decode.New(decode.Options{}, stacks)
	var there, back decode.Packet
	frame := eth(0x0800, ip4(6, tcp("", nil)))
	a := eth(0x0800, ip4of(node4, other4, 17, udp(50001, 6081, geneve(1, 0x6558, 0, frame))))
	b := eth(0x0800, ip4of(other4, node4, 17, udp(50002, 6081, geneve(2, 0x6558, 0, frame))))
	for range 3 {
		d.Decode(&there, 1, a, uint32(len(a)))
		d.Decode(&back, 1, b, uint32(len(b)))
	}
	if there.Stack == back.Stack || stacks.Get(there.Stack).Tunnel != stacks.Get(back.Stack).Tunnel {
		t.Errorf("stacks %d and %d in tunnels %d and %d", there.Stack, back.Stack,
			stacks.Get(there.Stack).Tunnel, stacks.Get(back.Stack).Tunnel)
	}
}
