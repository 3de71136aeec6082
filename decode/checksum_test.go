package decode_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// tunnelled returns a frame with a VXLAN packet whose outer checksum gopacket has computed, and where that checksum is.
func tunnelled(t *testing.T, v6 bool, payload int) (frame []byte, at int) {
	t.Helper()
	eth := &layers.Ethernet{SrcMAC: make([]byte, 6), DstMAC: make([]byte, 6), EthernetType: layers.EthernetTypeIPv4}
	v4 := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: []byte{192, 168, 1, 10}, DstIP: []byte{192, 168, 1, 11}}
	src6, dst6 := make([]byte, 16), make([]byte, 16)
	src6[0], dst6[0], src6[15], dst6[15] = 0xfd, 0xfd, 1, 2
	ip6 := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolUDP, SrcIP: src6, DstIP: dst6}
	udp := &layers.UDP{SrcPort: 40000, DstPort: 8472}
	inner := &layers.IPv4{Version: 4, TTL: 63, Protocol: layers.IPProtocolTCP, SrcIP: []byte{10, 244, 1, 5}, DstIP: []byte{10, 244, 2, 8}}
	tcp := &layers.TCP{SrcPort: 5000, DstPort: 80, SYN: true, Window: 1000}
	var outer gopacket.SerializableLayer = v4
	var network gopacket.NetworkLayer = v4
	at = 14 + 20 + 6
	if v6 {
		eth.EthernetType, outer, network, at = layers.EthernetTypeIPv6, ip6, ip6, 14+40+6
	}
	for _, err := range []error{udp.SetNetworkLayerForChecksum(network), tcp.SetNetworkLayerForChecksum(inner)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	b := gopacket.NewSerializeBuffer()
	innerEth := &layers.Ethernet{SrcMAC: make([]byte, 6), DstMAC: make([]byte, 6), EthernetType: layers.EthernetTypeIPv4}
	vni := &layers.VXLAN{ValidIDFlag: true, VNI: 1}
	opt := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(b, opt, eth, outer, udp, vni, innerEth, inner, tcp, gopacket.Payload(make([]byte, payload))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), at
}

// deferred returns the frame as it is with local checksum offload: the outer checksum is that of the packet with the inner checksum, which is
// not there yet.
func deferred(frame []byte, at int) []byte {
	f := slices.Clone(frame)
	ip := at + 2 + 8 + 14
	pseudo := uint32(6 + binary.BigEndian.Uint16(f[ip+2:]) - 20)
	for i := ip + 12; i < ip+20; i += 2 {
		pseudo += uint32(binary.BigEndian.Uint16(f[i:]))
	}
	binary.BigEndian.PutUint16(f[ip+20+16:], uint16(pseudo>>16+pseudo&0xffff))
	return f
}

func TestOuterChecksum(t *testing.T) {
	d := decode.New(decode.Options{}, decode.NewStacks())
	verdict := func(frame []byte) decode.Checksum {
		var p decode.Packet
		d.Decode(&p, capture.LinkEthernet, frame, uint32(len(frame)))
		return decode.OuterChecksum(&p, frame)
	}
	for _, v6 := range []bool{false, true} {
		for _, payload := range []int{0, 1, 100} {
			frame, at := tunnelled(t, v6, payload)
			edit := func(sum uint16) []byte {
				f := slices.Clone(frame)
				binary.BigEndian.PutUint16(f[at:], sum)
				return f
			}
			right := binary.BigEndian.Uint16(frame[at:])
			partial := uint32(17 + len(frame) - at + 6)
			for i := at - 6 - 8; i < at-6; i += 2 {
				partial += uint32(binary.BigEndian.Uint16(frame[i:]))
			}
			if v6 {
				for i := at - 6 - 32; i < at-6-8; i += 2 {
					partial += uint32(binary.BigEndian.Uint16(frame[i:]))
				}
			}
			spoiled := slices.Clone(frame)
			spoiled[len(spoiled)-1] ^= 0x40
			for _, x := range []struct {
				what  string
				frame []byte
				want  decode.Checksum
			}{
				{"as computed", frame, decode.ChecksumRight},
				{"none", edit(0), decode.ChecksumUnknown},
				{"spoiled checksum", edit(right ^ 0x1111), decode.ChecksumWrong},
				{"spoiled byte", spoiled, decode.ChecksumWrong},
				{"inner left to a network card", deferred(frame, at), decode.ChecksumPartial},
				{"left to a network card", edit(uint16(partial>>16 + partial&0xffff)), decode.ChecksumPartial},
				{"cut", frame[:len(frame)-1], decode.ChecksumUnknown},
				{"not in a tunnel", frame[:14], decode.ChecksumUnknown},
			} {
				if got := verdict(x.frame); got != x.want {
					t.Errorf("IPv6 %v, %d bytes, %s: verdict %d, not %d", v6, payload, x.what, got, x.want)
				}
			}
		}
	}
}
