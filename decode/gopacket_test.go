package decode_test

import (
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Frames that google/gopacket v1.1.19 can't decode; TestGopacketDefects shows each but the first two.
//
//   - LINUX_SLL2: its link types are 8 bits wide.
//   - the second layer of one type in DecodingLayerParser: it overwrites the first.
//   - VXLAN on 8472: port 4789 alone is known, with any header.
//   - Geneve with an option of 64 bytes or more: four of the five bits of its length are read. With 248 bytes of options or
//     more: the offset is kept in 8 bits.
//   - LINUX_SLL with an address length beyond the header: it panics.
//   - QinQ with the old type 0x9100, MPLS pseudowires, ERSPAN type I, EoIP: dissection ends there.
//
// All others are compared layer by layer.
func TestGopacketAgrees(t *testing.T) {
	const stamps = "0101080a 0000000b 0000000c"
	inner := eth(0x0800, ip4(6, tcp(stamps+"0101050a 00000064 000000c8", []byte("GET"))))
	for name, data := range map[string][]byte{
		"tcp":           inner,
		"syn":           eth(0x0800, ip4(6, tcp("020405b4 0402 080a0000000b00000000 01 030307", nil))),
		"tcp6":          eth(0x86dd, ip6(6, tcp(stamps, []byte("GET")))),
		"udp":           eth(0x0800, plain),
		"padded":        pad(eth(0x0800, plain), 14),
		"vlan":          eth(0x8100, vlan(100, 0x0800, plain)),
		"qinq":          eth(0x88a8, vlan(5, 0x8100, vlan(100, 0x0800, plain))),
		"options":       eth(0x0800, set(ip4(17, cat(unhex("07040400 01010100"), udp(1, 2, nil))), 0, "47")),
		"extensions":    eth(0x86dd, ip6(0, cat(unhex("3c00 0104 00000000 1100 0104 00000000"), udp(1, 2, nil)))),
		"vxlan":         in4(17, udp(50000, 4789, vxlan(0xabcdef, inner))),
		"geneve":        in4(17, udp(50000, 6081, geneve(7, 0x6558, 28, inner))),
		"4in4":          in4(4, ip4(6, tcp(stamps, nil))),
		"6in4":          in4(41, ip6(6, tcp(stamps, nil))),
		"gre":           in4(47, cat(unhex("2000 0800 0000002a"), ip4(6, tcp(stamps, nil)))),
		"gre_ethernet":  in4(47, cat(unhex("0000 6558"), inner)),
		"mpls":          eth(0x8847, cat(unhex("00010140"), plain)),
		"pppoe":         eth(0x8864, cat(unhex("1100 0001"), u16(2+len(plain)), unhex("0021"), plain)),
		"sctp":          eth(0x0800, ip4(132, unhex("1388 1389 00000001 00000000"))),
		"sctp_init":     eth(0x0800, ip4(132, unhex("1388 1389 00000000 00000000 01 00 001c 0badf00d 0001a000 000affff 00000007 00050008 0af40105"))),
		"sctp_data":     eth(0x0800, ip4(132, unhex("1388 1389 00000001 00000000 03 00 0010 00000008 0001a000 00000000 00 03 0014 00000009 0000 0000 00000000 41414141"))),
		"sctp_shutdown": eth(0x86dd, ip6(132, unhex("1388 1389 00000001 00000000 07 00 0008 0000002a"))),
		"echo":          eth(0x0800, ip4(1, icmp(8, 0, "0102 0003", []byte("abc")))),
		"icmp_error":    eth(0x0800, ip4(1, icmp(3, 4, "0000 0578", plain))),
		"fragment":      eth(0x0800, set(plain, 6, "20b9")),
		"later":         eth(0x0800, set(plain, 6, "0001")),
		"arp":           eth(0x0806, unhex("0001 0800 06 04 0001 020000000001 0af40105 000000000000 0af40101")),
	} {
		t.Run(name, func(t *testing.T) {
			p, encaps := packet(1, data)
			againstGopacket(t, &p, len(encaps), gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default))
		})
	}
}

// againstGopacket compares with the last layer of each kind, which is the innermost.
func againstGopacket(t *testing.T, p *decode.Packet, tunnels int, g gopacket.Packet) {
	t.Helper()
	check := func(what string, ok bool, got, want any) {
		if !ok {
			t.Errorf("%s is %v, gopacket has %v", what, got, want)
		}
	}
	networks := 0
	for _, l := range g.Layers() {
		switch l := l.(type) {
		case *layers.ARP:
			check("network", p.Network == decode.NetARP, p.Network, l.LayerType())
		case *layers.IPv4:
			networks++
			check("last IPv4", !lastIP(g, l) || p.Network == decode.NetIPv4 && p.Src.Netip().String() == l.SrcIP.String() &&
				p.Dst.Netip().String() == l.DstIP.String() && p.TTL == l.TTL && p.IPID == uint32(l.Id) &&
				p.IPLen == uint32(l.Length) && p.FragOffset == l.FragOffset*8, p.Src.Netip(), l.SrcIP)
		case *layers.IPv6:
			networks++
			check("last IPv6", !lastIP(g, l) || p.Network == decode.NetIPv6 && p.Src.Netip().String() == l.SrcIP.String() &&
				p.TTL == l.HopLimit && p.IPLen == uint32(l.Length)+40, p.Src.Netip(), l.SrcIP)
		case *layers.TCP:
			check("TCP", p.SrcPort == uint16(l.SrcPort) && p.DstPort == uint16(l.DstPort) && p.Seq == l.Seq && p.Ack == l.Ack &&
				p.Window == l.Window && (p.Flags&wire.SYN != 0) == l.SYN && (p.Flags&wire.ACK != 0) == l.ACK &&
				int(p.PayloadLen) == len(l.Payload), p.Seq, l.Seq)
			for _, o := range l.Options {
				switch o.OptionType {
				case layers.TCPOptionKindTimestamps:
					check("timestamp", p.TSVal == be.Uint32(o.OptionData), p.TSVal, o)
				case layers.TCPOptionKindMSS:
					check("MSS", p.MSS == be.Uint16(o.OptionData), p.MSS, o)
				case layers.TCPOptionKindSACK:
					check("SACK", p.SACKLeft == be.Uint32(o.OptionData), p.SACKLeft, o)
				}
			}
		case *layers.UDP:
			if p.Proto == wire.ProtoUDP {
				check("UDP", p.SrcPort == uint16(l.SrcPort) && int(p.PayloadLen) == len(l.Payload), p.SrcPort, l.SrcPort)
			}
		case *layers.ICMPv4:
			check("ICMP", p.ICMPType == l.TypeCode.Type() && p.ICMPCode == l.TypeCode.Code() &&
				p.ICMPWord == uint32(l.Id)<<16|uint32(l.Seq), p.ICMPType, l.TypeCode)
		case *layers.SCTP:
			check("SCTP", p.SrcPort == uint16(l.SrcPort), p.SrcPort, l.SrcPort)
			checkChunks(t, wire.SCTP(g.NetworkLayer().LayerPayload()), g)
		}
	}
	if networks > 0 {
		check("tunnels", tunnels == networks-1, tunnels, g.Layers())
	}
}

// checkChunks compares the chunks of an SCTP packet.
func checkChunks(t *testing.T, b wire.SCTP, g gopacket.Packet) {
	t.Helper()
	if l := g.Layer(layers.LayerTypeSCTP).(*layers.SCTP); b.Tag() != l.VerificationTag {
		t.Errorf("tag is %#x, gopacket has %#x", b.Tag(), l.VerificationTag)
	}
	for x := range b.Chunks() {
		tag, initial, _ := x.Init()
		tsn, _ := x.TSN()
		ok := true
		switch x.Type() {
		case wire.SCTPInit:
			l, found := g.Layer(layers.LayerTypeSCTPInit).(*layers.SCTPInit)
			ok = found && l.InitiateTag == tag && l.InitialTSN == initial
		case wire.SCTPData:
			l, found := g.Layer(layers.LayerTypeSCTPData).(*layers.SCTPData)
			ok = found && l.TSN == tsn
		case wire.SCTPSack:
			l, found := g.Layer(layers.LayerTypeSCTPSack).(*layers.SCTPSack)
			ok = found && l.CumulativeTSNAck == tsn
		case wire.SCTPShutdown:
			l, found := g.Layer(layers.LayerTypeSCTPShutdown).(*layers.SCTPShutdown)
			ok = found && l.CumulativeTSNAck == tsn
		}
		if !ok {
			t.Errorf("%s: gopacket has %v", x.Type(), g.Layers())
		}
	}
}

func lastIP(g gopacket.Packet, l gopacket.Layer) bool {
	var last gopacket.Layer
	for _, l := range g.Layers() {
		switch l.LayerType() {
		case layers.LayerTypeIPv4, layers.LayerTypeIPv6:
			last = l
		}
	}
	return last == l
}

func TestGopacketDefects(t *testing.T) {
	const stamps = "0101080a 0000000b 0000000c"
	inner := eth(0x0800, ip4(6, tcp(stamps, nil)))
	for name, data := range map[string][]byte{
		"vxlan_8472":         in4(17, udp(50000, 8472, vxlan(1, inner))),
		"geneve_long_option": in4(17, udp(50000, 6081, set(geneve(7, 0x6558, 68, inner), 8, "0103 01 10 00000000 ffffffff"))),
		"geneve_252_bytes":   in4(17, udp(50000, 6081, geneve(7, 0x6558, 252, inner))),
		"qinq_9100":          eth(0x9100, vlan(5, 0x0800, ip4(6, tcp(stamps, nil)))),
		"mpls_pseudowire":    eth(0x8847, cat(unhex("00010140 00000000"), inner)),
		"erspan_1":           in4(47, cat(unhex("0000 88be"), inner)),
		"ethernet_over_ip":   in4(47, cat(unhex("2001 6400 0030 0001"), inner)),
	} {
		if p, _ := packet(1, data); p.Has&decode.HasTCP == 0 {
			t.Errorf("%s: we don't find the TCP header", name)
		}
		if g := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default); g.Layer(layers.LayerTypeTCP) != nil {
			t.Errorf("%s: gopacket finds it too: take it off the list and compare", name)
		}
	}
	long := set(sll(0x0800, 0, plain), 4, "ffff")
	if p, _ := packet(113, long); p.DstPort != 53 || p.MAC != 0 {
		t.Errorf("LINUX_SLL with a long address: %+v", p)
	}
	defer func() {
		if recover() == nil {
			t.Error("gopacket does not panic at a long address: take it off the list and compare")
		}
	}()
	gopacket.NewPacket(long, layers.LayerTypeLinuxSLL, gopacket.DecodeOptions{SkipDecodeRecovery: true})
}
