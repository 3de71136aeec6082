package decode_test

import (
	"testing"

	"github.com/netsift/netsift/decode"
)

// summary is what the rows about lengths, fragments and cuts look at.
type summary struct {
	Network             decode.Network
	Proto               uint8
	SrcPort, DstPort    uint16
	Has                 decode.Has
	FragOffset          uint16
	IPID                uint32
	IPLen               uint32
	Payload, Cap, Total uint32
	Stop                string
}

func summarize(p *decode.Packet) summary {
	return summary{
		p.Network, p.Proto, p.SrcPort, p.DstPort, p.Has, p.FragOffset, p.IPID, p.IPLen,
		p.Payload, p.PayloadCap, p.PayloadLen, p.Stop.String(),
	}
}

const (
	df    = decode.HasDF
	mf    = decode.HasMF
	ports = decode.HasPorts
	seg   = decode.HasSegmentation
)

func TestIP(t *testing.T) {
	dns := udp(40000, 53, []byte("abcd"))
	frag6 := func(offAndM int, payload []byte) []byte {
		return ip6(44, cat(unhex("11 00"), u16(offAndM), unhex("000000aa"), payload))
	}
	ext := func(next byte, payload []byte) []byte { return cat([]byte{next, 0}, unhex("01 04 00000000"), payload) }
	jumbo := set(ip6(0, cat(unhex("06 00 c2 04"), []byte{0, 1, 0, 36}, tcp("", []byte("abcd")))), 4, "0000")
	for _, row := range []struct {
		name string
		data []byte
		want summary
	}{
		{"ipv4_options", set(ip4(17, cat(unhex("07040400 01010100"), dns)), 0, "47"), summary{1, 17, 40000, 53, df | ports, 0, 0x1234, 40, 36, 4, 4, ""}},
		{"ipv4_total_length_beyond_frame", set(ip4(17, dns), 2, "05dc"), summary{1, 17, 40000, 53, df | ports, 0, 0x1234, 1500, 28, 4, 4, ""}},
		{"ipv4_udp_length_shorter_than_packet", ip4(17, set(pad(dns, 10), 4, "000c")), summary{1, 17, 40000, 53, df | ports, 0, 0x1234, 42, 28, 4, 4, ""}},
		{"ipv4_udp_length_longer_than_packet", ip4(17, set(dns, 4, "00ff")), summary{1, 17, 40000, 53, df | ports, 0, 0x1234, 32, 28, 4, 4, ""}},
		{"ipv4_udp_length_7", ip4(17, set(dns, 4, "0007")), summary{1, 17, 40000, 53, df | ports, 0, 0x1234, 32, 20, 12, 12, "UDP header at byte 20 needs 8 bytes: length field contradicts the header"}},
		{"ipv4_first_fragment", set(ip4(17, dns), 6, "2000"), summary{1, 17, 40000, 53, mf | ports, 0, 0x1234, 32, 28, 4, 4, ""}},
		{"ipv4_later_fragment", set(ip4(17, dns), 6, "20b9"), summary{1, 17, 0, 0, mf, 1480, 0x1234, 32, 20, 12, 12, ""}},
		{"ipv4_last_fragment_of_tunnel", set(ip4(4, dns), 6, "00b9"), summary{1, 4, 0, 0, 0, 1480, 0x1234, 32, 20, 12, 12, ""}},
		{"ipv4_tso", set(ip4(17, dns), 2, "0000"), summary{1, 17, 40000, 53, df | ports | seg, 0, 0x1234, 32, 28, 4, 4, ""}},
		{"ipv4_header_length_4", set(ip4(17, dns), 0, "41"), summary{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "IPv4 header at byte 0 needs 20 bytes: length field contradicts the header"}},
		{"ipv4_total_length_19", set(ip4(17, dns), 2, "0013"), summary{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "IPv4 header at byte 0 needs 20 bytes: length field contradicts the header"}},
		{"ipv4_version_5", set(ip4(17, dns), 0, "55"), summary{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "IPv4 header at byte 0 needs 20 bytes: unknown version or type"}},
		{"ipv4_options_beyond_packet", set(ip4(17, nil), 0, "4f 00 003c"), summary{1, 17, 0, 0, df, 0, 0x1234, 60, 0, 20, 60, "IPv4 header at byte 0 needs 60 bytes: packet too short"}},
		{"ipv4_ah", ip4(51, cat(unhex("11 04 0000 00000001 00000002 000000000000000000000000"), dns)), summary{1, 17, 40000, 53, df | ports, 0, 0x1234, 56, 52, 4, 4, ""}},
		{"ipv4_ah_of_length_4", ip4(51, cat(unhex("11 ff 0000 00000001 00000002 000000000000000000000000"), dns)), summary{1, 51, 0, 0, df, 0, 0x1234, 56, 20, 36, 36, "AH header at byte 20 needs 1028 bytes: packet too short"}},
		{"ipv4_esp", ip4(50, dns), summary{1, 50, 0, 0, df, 0, 0x1234, 32, 20, 12, 12, ""}},
		{"ipv4_protocol_255", ip4(255, dns), summary{1, 255, 0, 0, df, 0, 0x1234, 32, 20, 12, 12, ""}},
		{"ipv4_hop_by_hop_is_no_extension", ip4(0, ext(17, dns)), summary{1, 0, 0, 0, df, 0, 0x1234, 40, 20, 20, 20, ""}},
		{"ipv4_sctp", ip4(132, unhex("1388 1389 00000001 00000000")), summary{1, 132, 5000, 5001, df | ports, 0, 0x1234, 32, 32, 0, 0, ""}},
		{"ipv4_tcp_offset_4", ip4(6, set(tcp("", nil), 12, "40")), summary{1, 6, 33890, 80, df | ports | decode.HasTCP | decode.HasSeq, 0, 0x1234, 40, 20, 20, 20, "TCP header at byte 20 needs 20 bytes: length field contradicts the header"}},
		{"ipv4_tcp_one_byte_short", ip4(6, tcp("", nil)[:19]), summary{1, 6, 33890, 80, df | ports | decode.HasSeq, 0, 0x1234, 39, 20, 19, 19, "TCP header at byte 20 needs 20 bytes: packet too short"}},
		{"ipv6_hop_by_hop_routing_destination", ip6(0, ext(43, ext(60, ext(17, dns)))), summary{2, 17, 40000, 53, df | ports, 0, 0, 76, 72, 4, 4, ""}},
		{"ipv6_extension_beyond_packet", ip6(0, unhex("11 05 0104 00000000")), summary{2, 0, 0, 0, df, 0, 0, 48, 40, 8, 8, "IPv6 extension header at byte 40 needs 48 bytes: packet too short"}},
		{"ipv6_first_fragment", frag6(1, dns), summary{2, 17, 40000, 53, df | mf | ports, 0, 0xaa, 60, 56, 4, 4, ""}},
		{"ipv6_later_fragment", frag6(1448, dns), summary{2, 17, 0, 0, df, 1448, 0xaa, 60, 48, 12, 12, ""}},
		{"ipv6_atomic_fragment", frag6(0, dns), summary{2, 17, 40000, 53, df | ports, 0, 0xaa, 60, 56, 4, 4, ""}},
		{"ipv6_ah", ip6(51, cat(unhex("11 04 0000 00000001 00000002 000000000000000000000000"), dns)), summary{2, 17, 40000, 53, df | ports, 0, 0, 76, 72, 4, 4, ""}},
		{"ipv6_no_next_header", ip6(59, nil), summary{2, 59, 0, 0, df, 0, 0, 40, 40, 0, 0, ""}},
		{"ipv6_jumbogram", jumbo, summary{2, 6, 33890, 80, df | ports | seg | decode.HasTCP | decode.HasSeq, 0, 0, 65536 + 36 + 40, 68, 4, 65544, ""}},
		{"ipv6_big_tcp_without_option", set(ip6(6, tcp("", []byte("abcd"))), 4, "0000"), summary{2, 6, 33890, 80, df | ports | seg | decode.HasTCP | decode.HasSeq, 0, 0, 64, 60, 4, 4, ""}},
		{"ipv6_version_4", set(ip6(17, dns), 0, "00"), summary{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "IPv6 header at byte 0 needs 40 bytes: unknown version or type"}},
		{"6in4_of_version_4", ip4(41, ip4(17, dns)), summary{1, 41, 0, 0, df, 0, 0x1234, 52, 20, 32, 32, "IPv6 header at byte 20 needs 40 bytes: unknown version or type"}},
		{"4in4_of_nothing", ip4(4, nil), summary{1, 4, 0, 0, df, 0, 0x1234, 20, 20, 0, 0, ""}},
		{"gre_of_nothing", ip4(47, nil), summary{1, 47, 0, 0, df, 0, 0x1234, 20, 20, 0, 0, ""}},
	} {
		t.Run(row.name, func(t *testing.T) {
			link := 228
			if row.data[0]>>4 == 6 || row.name == "ipv6_version_4" {
				link = 229
			}
			p, _ := packet(linkType(link), row.data)
			if got := summarize(&p); got != row.want {
				t.Errorf("got  %+v\nwant %+v", got, row.want)
			}
		})
	}
}

// Every possible cut of a tunnelled packet: Decode sets the fields before the cut, and none behind it.
func TestCut(t *testing.T) {
	const stamps = "0101080a 0000000b 0000000c"
	frame := in4(17, udp(50000, 8472, vxlan(1, eth(0x0800, ip4(6, tcp(stamps, []byte("abcd")))))))
	const (
		outerIP = 14
		outer   = outerIP + 20
		header  = outer + 8
		inner   = header + 8
		innerIP = inner + 14
		segment = innerIP + 20
		payload = segment + 32
	)
	for cut := range len(frame) {
		p, encaps := cutPacket(1, frame, cut)
		if cut < payload && p.Stop.Reason != decode.StopCut && cut != header {
			t.Errorf("%d bytes: stop %q", cut, p.Stop)
		}
		for _, c := range []struct {
			what      string
			from      int
			got, want bool
		}{
			{"tunnel", header + 1, len(encaps) == 1, cut > header},
			{"outer length", outer, p.OuterIPLen == uint32(len(frame)-14), cut >= outer},
			{"inner addresses", segment, p.Src == addr(pod4), cut >= segment},
			{"inner id", segment, p.IPID == 0x1234 && len(encaps) == 1, cut >= segment},
			{"inner ports", segment + 4, p.SrcPort == 33890, cut >= segment+4},
			{"sequence number", segment + 8, p.Has&decode.HasSeq != 0 && p.Seq == 0x01020304, cut >= segment+8},
			{"TCP header", segment + 20, p.Has&decode.HasTCP != 0, cut >= segment+20},
			{"timestamps", segment + 32, p.Has&decode.HasTimestamps != 0, cut >= segment+32},
			{"payload length", segment + 20, p.PayloadLen == 4, cut >= segment+20},
		} {
			if c.got != c.want {
				t.Errorf("%d bytes: %s read is %v, want %v", cut, c.what, c.got, c.want)
			}
		}
		if cut >= segment+20 && int(p.PayloadCap) != max(0, cut-payload) {
			t.Errorf("%d bytes: payload captured %d", cut, p.PayloadCap)
		}
	}
}

func TestOuterFragment(t *testing.T) {
	frame := in4(17, udp(50000, 8472, vxlan(1, eth(0x0800, ip4(6, tcp("", make([]byte, 100)))))))
	frame = set(frame, 14+6, "2000")
	p, _ := packet(1, frame)
	if p.Has&decode.HasOuterFragment == 0 || p.Has&decode.HasMF != 0 || p.Has&decode.HasTCP == 0 {
		t.Errorf("has %b", p.Has)
	}
}

func TestWireLengthBelowCaptured(t *testing.T) {
	var p decode.Packet
	d := decode.New(decode.Options{}, decode.NewStacks())
	d.Decode(&p, 1, eth(0x0800, plain), 3)
	if p.DstPort != 53 || p.Wire != 3 {
		t.Errorf("%+v", p)
	}
}
