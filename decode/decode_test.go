package decode_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/decode/wire"
)

// packet decodes a whole frame with a fresh Decoder.
func packet(link capture.LinkType, frame []byte) (decode.Packet, []decode.Encap) {
	return cutPacket(link, frame, len(frame))
}

// cutPacket decodes a frame of which only cut bytes were captured.
func cutPacket(link capture.LinkType, frame []byte, cut int) (decode.Packet, []decode.Encap) {
	stacks := decode.NewStacks()
	d := decode.New(decode.Options{Ports: map[decode.EncapKind][]uint16{decode.EncapVXLAN: {4444}, decode.EncapGeneve: {5555}}}, stacks)
	p := decode.Packet{Time: 7, Frame: 8, Interface: 3}
	d.Decode(&p, link, frame[:cut], uint32(len(frame)))
	return p, stacks.Get(p.Stack).Encaps
}

// basic is the decoder's answer to eth(0x0800, ip4(17, udp(40000, 53, 4 bytes))); rows change parts of it.
func basic(change func(*decode.Packet)) decode.Packet {
	p := decode.Packet{
		Time: 7, Frame: 8, Interface: 3, Cap: 46, Wire: 46, MAC: 0x020000000001,
		Network: decode.NetIPv4, Src: addr(pod4), Dst: addr(peer4), IPID: 0x1234, TTL: 63, OuterTTL: 63, Proto: 17,
		Inner: 14, IPLen: 32, OuterIPLen: 32, Payload: 42, PayloadCap: 4, PayloadLen: 4,
		SrcPort: 40000, DstPort: 53, Has: decode.HasPorts | decode.HasDF,
	}
	if change != nil {
		change(&p)
	}
	return p
}

var plain = ip4(17, udp(40000, 53, []byte("abcd")))

func TestLink(t *testing.T) {
	moved := func(by int, change func(*decode.Packet)) decode.Packet {
		return basic(func(p *decode.Packet) {
			p.Inner += uint32(by)
			p.Payload += uint32(by)
			p.Cap += uint32(by)
			p.Wire += uint32(by)
			if change != nil {
				change(p)
			}
		})
	}
	noMAC := func(p *decode.Packet) { p.MAC = 0 }
	for _, row := range []struct {
		name string
		link capture.LinkType
		data []byte
		want decode.Packet
	}{
		{"ethernet", 1, eth(0x0800, plain), basic(nil)},
		{"ethernet_padded_to_60", 1, pad(eth(0x0800, plain), 14), basic(func(p *decode.Packet) { p.Cap, p.Wire = 60, 60 })},
		{"vlan", 1, eth(0x8100, vlan(100, 0x0800, plain)), moved(4, nil)},
		{"qinq", 1, eth(0x88a8, vlan(5, 0x8100, vlan(100, 0x0800, plain))), moved(8, nil)},
		{"qinq_9100", 1, eth(0x9100, vlan(5, 0x8100, vlan(100, 0x0800, plain))), moved(8, nil)},
		{"llc_snap", 1, eth(8+len(plain), cat(unhex("aaaa03 000000 0800"), plain)), moved(8, nil)},
		{"llc_snap_in_vlan", 1, eth(0x8100, vlan(1, 8+len(plain), cat(unhex("aaaa03 0000f8 0800"), plain))), moved(12, nil)},
		{"llc_ip", 1, eth(3+len(plain), cat(unhex("060603"), plain)), moved(3, nil)},
		{"mpls", 1, eth(0x8847, cat(unhex("00010040 00020140"), plain)), moved(8, nil)},
		{"mpls_pseudowire", 1, eth(0x8847, cat(unhex("00010140 00000000"), eth(0x0800, plain))), moved(22, nil)},
		{"mpls_pseudowire_without_control_word", 1, eth(0x8847, cat(unhex("00010140"), eth(0x0800, plain))), moved(18, nil)},
		{"pppoe", 1, eth(0x8864, cat(unhex("1100 0001"), u16(2+len(plain)), unhex("0021"), plain)), moved(8, nil)},
		{"pppoe_compressed_protocol", 1, eth(0x8864, cat(unhex("1100 0001"), u16(1+len(plain)), unhex("21"), plain)), moved(7, nil)},
		{"bridging_type", 1, eth(0x6558, eth(0x0800, plain)), moved(14, nil)},
		{"raw_12", 12, plain, moved(-14, noMAC)},
		{"raw_14", 14, plain, moved(-14, noMAC)},
		{"raw_101", 101, plain, moved(-14, noMAC)},
		{"ipv4", 228, plain, moved(-14, noMAC)},
		{"null_little_endian", 0, cat(unhex("02000000"), plain), moved(-10, noMAC)},
		{"null_big_endian", 0, cat(unhex("00000002"), plain), moved(-10, noMAC)},
		{"null_ethertype", 0, cat(unhex("0f000800"), plain), moved(-10, noMAC)},
		{"loop", 108, cat(unhex("00000002"), plain), moved(-10, noMAC)},
		{"sll", 113, sll(0x0800, 4, plain), moved(2, func(p *decode.Packet) {
			p.MAC, p.Hardware, p.Direction = 0x0a580af40105, 1, decode.DirOut
		})},
		{"sll2_other_host_is_in", 276, sll2(0x0800, 3, plain), moved(6, func(p *decode.Packet) {
			p.MAC, p.Hardware, p.Direction, p.Interface = 0x0a580af40105, 1, decode.DirIn, 9
		})},
		{"sll2_address_length_0", 276, set(sll2(0x0800, 0, plain), 8, "0300 00 00"), moved(6, func(p *decode.Packet) {
			p.MAC, p.Hardware, p.Direction, p.Interface = 0, 768, decode.DirIn, 9
		})},
		{"sll_vlan", 113, sll(0x8100, 0, vlan(100, 0x0800, plain)), moved(6, func(p *decode.Packet) {
			p.MAC, p.Hardware, p.Direction = 0x0a580af40105, 1, decode.DirIn
		})},
		{"sll_ppp", 113, sll(7, 0, cat(unhex("ff030021"), plain)), moved(6, func(p *decode.Packet) {
			p.MAC, p.Hardware, p.Direction = 0x0a580af40105, 1, decode.DirIn
		})},
		{"sll_llc", 113, sll(4, 0, cat(unhex("aaaa03 000000 0800"), plain)), moved(10, func(p *decode.Packet) {
			p.MAC, p.Hardware, p.Direction = 0x0a580af40105, 1, decode.DirIn
		})},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, _ := packet(row.link, row.data)
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestIPv6Links(t *testing.T) {
	p6 := ip6(17, udp(40000, 53, nil))
	for link, data := range map[capture.LinkType][]byte{
		1: eth(0x86dd, p6), 0: cat(unhex("1e000000"), p6), 108: cat(unhex("00000018"), p6), 101: p6, 229: p6,
		113: sll(0x86dd, 0, p6), 276: sll2(0x86dd, 0, p6), 228: p6,
	} {
		p, _ := packet(link, data)
		if p.Network != decode.NetIPv6 || p.Src != addr(pod6) || p.Dst != addr(peer6) || p.DstPort != 53 || p.TTL != 62 ||
			p.IPLen != 48 || p.Has != decode.HasPorts|decode.HasDF || p.IPID != 0 {
			t.Errorf("link type %v: %+v", link, p)
		}
	}
}

func TestNotIP(t *testing.T) {
	for _, row := range []struct {
		name string
		link capture.LinkType
		data []byte
		want decode.Network
		stop string
	}{
		{"arp", 1, eth(0x0806, unhex("0001 0800 06 04 0001 020000000001 0af40105 000000000000 0af40101")), decode.NetARP, ""},
		{"arp_cut", 1, eth(0x0806, unhex("0001 08")), decode.NetARP, "ARP header at byte 14 needs 8 bytes: packet too short"},
		{"lldp", 1, eth(0x88cc, make([]byte, 40)), decode.NetOther, ""},
		{"stp", 1, eth(38, unhex("424203 0000")), decode.NetOther, ""},
		{"llc_with_foreign_snap", 1, eth(40, unhex("aaaa03 00000c 2000 00")), decode.NetOther, ""},
		{"empty_frame", 1, nil, decode.NetOther, "link header at byte 0 needs 14 bytes: packet too short"},
		{"unsupported_link", 127, make([]byte, 60), decode.NetOther, "link header at byte 0 needs 0 bytes: unsupported link type"},
		{"netlink", 113, set(sll(0x0800, 4, plain), 2, "0338"), decode.NetOther, ""},
		{"null_of_other_family", 0, unhex("07000000 45000014"), decode.NetOther, ""},
		{"pppoe_lcp", 1, eth(0x8864, unhex("1100 0001 0008 c021 0109 0006")), decode.NetOther, ""},
		{"tag_without_end", 1, eth(0x8100, unhex("0001 8100 0001 8100")), decode.NetOther, "VLAN header at byte 22 needs 4 bytes: packet too short"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, _ := packet(row.link, row.data)
			if p.Network != row.want || p.Stop.String() != row.stop || !p.Src.IsZero() || p.Has != 0 {
				t.Errorf("network %v, stop %q; want %v, %q", p.Network, p.Stop, row.want, row.stop)
			}
		})
	}
}

func TestTCP(t *testing.T) {
	base := func(change func(*decode.Packet)) decode.Packet {
		p := basic(func(p *decode.Packet) {
			p.Proto, p.SrcPort, p.DstPort = 6, 33890, 80
			p.Seq, p.Ack, p.Window, p.Flags = 0x01020304, 0x05060708, 501, wire.ACK
			p.Has |= decode.HasTCP | decode.HasSeq
		})
		change(&p)
		return p
	}
	const stamps = "0101080a 0000000b 0000000c"
	for _, row := range []struct {
		name string
		data []byte
		want decode.Packet
	}{
		{"no_options", tcp("", []byte("GET")), base(func(*decode.Packet) {})},
		{"timestamps_first", tcp(stamps, []byte("GET")), base(func(p *decode.Packet) {
			p.TSVal, p.TSEcr = 11, 12
			p.Has |= decode.HasTimestamps
		})},
		{"timestamps_and_sack", tcp(stamps+"0101050a 00000064 000000c8", []byte("GET")), base(func(p *decode.Packet) {
			p.TSVal, p.TSEcr, p.SACKLeft, p.SACKRight = 11, 12, 100, 200
			p.Has |= decode.HasTimestamps | decode.HasSACK
		})},
		{"syn", tcp("020405b4 0402 080a0000000b00000000 01 030307", []byte("GET")), base(func(p *decode.Packet) {
			p.TSVal, p.MSS, p.WindowScale = 11, 1460, 7
			p.Has |= decode.HasTimestamps | decode.HasMSS | decode.HasWindowScale
		})},
		{"option_of_length_0", tcp("020405b4 0800 0000", []byte("GET")), base(func(p *decode.Packet) {
			p.MSS = 1460
			p.Has |= decode.HasMSS
		})},
		{"option_beyond_header", tcp("0101 08 0a", []byte("GET")), base(func(*decode.Packet) {})},
		{"end_of_options_hides_the_rest", tcp("00 01 01 01 020405b4", []byte("GET")), base(func(*decode.Packet) {})},
	} {
		t.Run(row.name, func(t *testing.T) {
			n := len(row.data) - 3
			row.want.IPLen, row.want.OuterIPLen = uint32(20+n+3), uint32(20+n+3)
			row.want.Payload, row.want.PayloadCap, row.want.PayloadLen = uint32(34+n), 3, 3
			row.want.Cap, row.want.Wire = uint32(34+n+3), uint32(34+n+3)
			got, _ := packet(1, eth(0x0800, ip4(6, row.data)))
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}
