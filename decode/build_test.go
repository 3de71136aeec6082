package decode_test

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/decode/wire"
)

// Packets are built from the inside out: eth(0x0800, ip4(17, udp(40000, 53, nil))).

var be = binary.BigEndian

// unhex decodes hex digits and ignores white space.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

func addr(s string) wire.Addr { return wire.AddrFrom(netip.MustParseAddr(s)) }

func u16(v int) []byte { return be.AppendUint16(nil, uint16(v)) }

func cat(parts ...[]byte) []byte { return slices.Concat(parts...) }

// pad appends n bytes of 'x'.
func pad(b []byte, n int) []byte { return append(b, strings.Repeat("x", n)...) }

func eth(etherType int, payload []byte) []byte {
	return cat(unhex("020000000002 020000000001"), u16(etherType), payload)
}

func vlan(id, etherType int, payload []byte) []byte { return cat(u16(id), u16(etherType), payload) }

func sll2(etherType int, packetType byte, payload []byte) []byte {
	return cat(u16(etherType), unhex("0000 00000009 0001"), []byte{packetType, 6}, unhex("0a58 0af4 0105 0000"), payload)
}

func sll(etherType int, packetType byte, payload []byte) []byte {
	return cat([]byte{0, packetType}, unhex("0001 0006 0a58 0af4 0105 0000"), u16(etherType), payload)
}

const (
	pod4, peer4   = "10.244.1.5", "10.244.2.8"
	node4, other4 = "192.168.1.10", "192.168.1.11"
	pod6, peer6   = "fd00::1:5", "fd00::2:8"
)

// ip4 is a packet of pod4 to peer4 without options, DF set, id 0x1234, TTL 63.
func ip4(proto byte, payload []byte) []byte { return ip4of(pod4, peer4, proto, payload) }

func ip4of(src, dst string, proto byte, payload []byte) []byte {
	s, d := netip.MustParseAddr(src).As4(), netip.MustParseAddr(dst).As4()
	return cat(unhex("4500"), u16(20+len(payload)), unhex("1234 4000 3f"), []byte{proto}, unhex("0000"), s[:], d[:], payload)
}

func ip6(next byte, payload []byte) []byte { return ip6of(pod6, peer6, next, payload) }

func ip6of(src, dst string, next byte, payload []byte) []byte {
	s, d := netip.MustParseAddr(src).As16(), netip.MustParseAddr(dst).As16()
	return cat(unhex("60000000"), u16(len(payload)), []byte{next, 62}, s[:], d[:], payload)
}

func udp(src, dst int, payload []byte) []byte {
	return cat(u16(src), u16(dst), u16(8+len(payload)), u16(0), payload)
}

// tcp is a segment 33890 > 80 with seq 0x01020304, ack 0x05060708, window 501 and ACK set.
func tcp(options string, payload []byte) []byte {
	o := unhex(options)
	return cat(unhex("8462 0050 01020304 05060708"), []byte{byte(20+len(o)) / 4 << 4, 0x10}, unhex("01f5 0000 0000"), o, payload)
}

func vxlan(vni int, frame []byte) []byte {
	return cat(unhex("08000000"), be.AppendUint32(nil, uint32(vni)<<8), frame)
}

func geneve(vni, etherType, optionBytes int, payload []byte) []byte {
	return cat([]byte{byte(optionBytes / 4), 0}, u16(etherType), be.AppendUint32(nil, uint32(vni)<<8), make([]byte, optionBytes), payload)
}

// set returns a copy of b with the bytes at off replaced.
func set(b []byte, off int, hexBytes string) []byte {
	b = slices.Clone(b)
	copy(b[off:], unhex(hexBytes))
	return b
}

func TestBuilders(t *testing.T) {
	if h := wire.IPv4(ip4(6, tcp("", nil))); h.TotalLen() != len(h) || h.HeaderLen() != 20 || !h.DontFragment() {
		t.Errorf("ip4 builds %x", []byte(h))
	}
}

func linkType(n int) capture.LinkType { return capture.LinkType(n) }

func addrOf(a netip.Addr) wire.Addr { return wire.AddrFrom(a) }
