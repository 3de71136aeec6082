package redact

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/decode/wire"
)

// Packets are built from the inside out, like those of package decode's tests: eth(0x0800, in4(17, datagram(40000, 53, nil))).
// Their checksums are zero; sealed sets them.

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

func u16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }

var cat = slices.Concat[[]byte]

const (
	pod4, peer4   = "10.244.1.5", "10.244.2.8"
	node4, other4 = "192.168.1.10", "34.120.7.9"
	pod6, peer6   = "fd00::1:5", "2001:db8::2:8"
	macs          = "0a580af40105 525400123456"
)

func bytesOf(s string) []byte { return netip.MustParseAddr(s).AsSlice() }

func eth(etherType int, payload []byte) []byte { return cat(unhex(macs), u16(etherType), payload) }

func in4(proto byte, payload []byte) []byte { return in4of(pod4, peer4, proto, payload) }

func in4of(src, dst string, proto byte, payload []byte) []byte {
	return cat(unhex("4500"), u16(20+len(payload)), unhex("1234 4000 3f"), []byte{proto}, unhex("0000"), bytesOf(src), bytesOf(dst), payload)
}

func in6(next byte, payload []byte) []byte { return in6of(pod6, peer6, next, payload) }

func in6of(src, dst string, next byte, payload []byte) []byte {
	return cat(unhex("600abcde"), u16(len(payload)), []byte{next, 62}, bytesOf(src), bytesOf(dst), payload)
}

func datagram(src, dst int, payload []byte) []byte {
	return cat(u16(src), u16(dst), u16(8+len(payload)), u16(0), payload)
}

func segment(options string, payload []byte) []byte {
	o := unhex(options)
	return cat(unhex("8462 0050 01020304 05060708"), []byte{byte(20+len(o)) / 4 << 4, 0x10}, unhex("01f5 0000 0000"), o, payload)
}

func tunnelled(frame []byte) []byte { return cat(unhex("08000000 00000100"), frame) }

// secret is payload, as much of it as matters, and of an odd length.
var secret = []byte("authorization: 7b1f0e\r\n")

// sealed returns the IP packet b with the right checksums of its own header and of its TCP, UDP or ICMP.
func sealed(b []byte) []byte {
	b = slices.Clone(b)
	s := sum{}
	var proto byte
	if b[0]>>4 == 4 {
		n := int(b[0]&15) * 4
		s = sum{start: n, end: len(b), pseudo: pseudo{src: 12, dst: 16, size: 4}}
		proto = b[9]
		h := sum{end: n}
		binary.BigEndian.PutUint16(b[10:], ^h.over(b))
	} else {
		s = sum{start: 40, end: len(b), pseudo: pseudo{src: 8, dst: 24, size: 16}}
		proto = b[6]
	}
	s.protocol = proto
	at := map[byte]int{6: 16, 17: 6, 1: 2, 58: 2}[proto]
	if at == 0 {
		return b
	}
	if proto == 1 {
		s.size = 0
	}
	binary.BigEndian.PutUint16(b[s.start+at:], ^s.over(b))
	return b
}

// example is a frame, and how many bytes of it stay.
type example struct {
	name string
	link capture.LinkType
	data []byte
	cut  int
}

func examples() []example {
	first := in4(6, segment("0101080a 00000001 00000002", secret))
	syn := in4(6, segment("020405b4 0402 080a 0000000100000000 01 030307", nil))
	inner := eth(0x0800, sealed(first))
	quoted := sealed(in4of(peer4, pod4, 17, datagram(53, 40000, secret)))
	quoted6 := sealed(in6of(peer6, pod6, 6, segment("", secret)))
	return []example{
		{"tcp", 1, eth(0x0800, sealed(first)), 14 + 20 + 32},
		{"syn", 1, eth(0x0800, sealed(syn)), 14 + 20 + 40},
		{"padding", 1, cat(eth(0x0800, sealed(in4(6, segment("", nil)))), secret), 14 + 40},
		{"udp", 101, sealed(in4(17, datagram(40000, 53, secret))), 28},
		{"udp6", 101, sealed(in6(17, datagram(40000, 53, secret))), 48},
		{"cooked", 276, cat(unhex("0800 0000 00000009 0001 00 06 0a580af40105 0000"), sealed(first)), 20 + 52},
		{"cooked1", 113, cat(unhex("0000 0001 0006 0a580af40105 0000 0800"), sealed(first)), 16 + 52},
		{"vlan", 1, eth(0x8100, cat(unhex("0007 0800"), sealed(first))), 18 + 52},
		{"arp", 1, eth(0x0806, cat(unhex("0001 0800 06 04 0001 0a580af40105"), bytesOf(pod4), unhex("525400123456"), bytesOf(peer4), secret)), 42},
		{"lldp", 1, eth(0x88cc, secret), 14},
		{"stp", 1, cat(unhex(macs), u16(len(secret)+3), unhex("424203"), secret), 14},
		{"vxlan", 1, eth(0x0800, sealed(in4of(node4, other4, 17, datagram(50000, 8472, tunnelled(inner))))), 14 + 28 + 8 + 14 + 52},
		{"geneve", 1, eth(0x0800, sealed(in4of(node4, other4, 17, datagram(50000, 6081,
			cat(unhex("02006558 00000100 01020301 0af40105"), inner))))), 14 + 28 + 16 + 14 + 52},
		{"gre", 101, sealed(in4of(node4, other4, 47, cat(unhex("20000800 0af40105"), sealed(first)))), 20 + 8 + 52},
		{"ipip", 101, sealed(in4of(node4, other4, 4, sealed(first))), 20 + 52},
		{"6in4", 101, sealed(in4of(node4, other4, 41, sealed(in6(6, segment("", secret))))), 20 + 60},
		{"unreachable", 101, sealed(in4of(node4, pod4, 1, cat(unhex("0304 0000 00000578"), quoted))), 20 + 8 + 28},
		{"unreachable6", 101, sealed(in6of(peer6, pod6, 58, cat(unhex("02 00 0000 00000578"), quoted6))), 40 + 8 + 60},
		{"eight bytes", 101, sealed(in4of(node4, pod4, 1, cat(unhex("0b00 0000 00000000"), quoted[:28]))), 20 + 8 + 28},
		{"redirect", 101, sealed(in4of(node4, pod4, 1, cat(unhex("0501 0000"), bytesOf(other4), quoted))), 20 + 8 + 28},
		{"echo", 101, sealed(in4of(node4, pod4, 1, cat(unhex("0800 0000 00070001"), secret))), 28},
		{"neighbour", 1, eth(0x86dd, sealed(in6of("fe80::5054:ff:fe12:3456", "ff02::1:ff02:8", 58,
			cat(unhex("87 00 0000 00000000"), bytesOf(peer6), unhex("0101 525400123456"))))), 14 + 40 + 8 + 16 + 8},
		{
			"router", 101, sealed(in6of("fe80::1", "ff02::1", 58, cat(unhex("86 00 0000 40000708 00000000 00000000 0101 525400123456"),
				unhex("0304 40c0 00000e10 00000e10 00000000 fd000000000000010000000000000000 1903 0000 00000e10"), bytesOf(pod6)))),
			40 + 16 + 8 + 32 + 24,
		},
		{"options", 101, cat(unhex("4600"), u16(24+20+len(secret)), unhex("1234 4000 3f 06 0000"), bytesOf(pod4), bytesOf(peer4),
			[]byte{7, 4, 4, 10}, segment("", secret)), 44},
		{"tcp options", 101, sealed(in4(6, segment("2206 0af40105 1e0c 0081 0af40105 0af40208 131201020304050607080910111213141516", secret))), 20 + 56},
		{"route", 101, in6(43, cat(unhex("06 04 04 01 01 00 0000"), bytesOf(pod6), bytesOf(other6), segment("", secret))), 40 + 40 + 20},
		{"home address", 101, in6(60, cat(unhex("06 02 0102 0000 c910"), bytesOf(other6), segment("", secret))), 40 + 24 + 20},
		{"sctp init", 101, in4(132, cat(unhex("8462 96cc 00000000 deadbeef 01 00 001c 0badcafe 0001a000 000affff 00000007 00050008"), bytesOf(pod4))), 20 + 12 + 20},
		{"sctp data", 101, in6(132, cat(unhex("8462 96cc 0badcafe deadbeef 03 00 0010 00000007 0001a000 00000000 00 03"), u16(16+len(secret)),
			unhex("00000008 0000 0000 0000003c"), secret)), 40 + 12 + 16 + 16},
		{"sctp gaps", 101, in4(132, cat(unhex("8462 96cc 0badcafe deadbeef 03 00 0014 00000007 0001a000 0001 0000"), bytesOf(pod4))), 20 + 12 + 16},
		{"sctp heartbeat", 101, in4(132, cat(unhex("8462 96cc 0badcafe deadbeef 08 00 0004 04 00 0010 0001 000c 0002 96cc"), bytesOf(peer4))), 20 + 12 + 4 + 4},
		{"sctp abort", 101, in4(132, cat(unhex("8462 96cc 0badcafe deadbeef 06 00 0010 0005 000c 0005 0008"), bytesOf(peer4))), 20 + 12 + 4},
		{"later fragment", 101, cat(unhex("4500"), u16(20+len(secret)), unhex("1234 0010 3f 11 0000"), bytesOf(pod4), bytesOf(peer4), secret), 20},
		{"esp", 101, in4(50, secret), 20},
		{"unknown link", 147, secret, 0},
	}
}

const other6 = "2a00:1450::77"

// testOptions are those of testFrames, and of decoders that are held against them.
var testOptions = decode.Options{Ports: map[decode.EncapKind][]uint16{decode.EncapVXLAN: {4444}, decode.EncapGeneve: {5555}}}

func testFrames() *Frames { return NewFrames(testKey(1), testOptions) }

func TestCut(t *testing.T) {
	f := testFrames()
	for _, e := range examples() {
		if out := f.Redact(e.link, e.data, uint32(len(e.data))); len(out) != e.cut {
			t.Errorf("%s: %d bytes stay, not %d: %x", e.name, len(out), e.cut, out)
		}
	}
}

// originals are what must not be found in a redacted frame.
func originals() [][]byte {
	all := [][]byte{{0x0a, 0x58, 0x0a, 0xf4, 1, 5}, {0x52, 0x54, 0, 0x12, 0x34, 0x56}, unhex("505400fffe123456")}
	for _, s := range []string{pod4, peer4, node4, other4, pod6, peer6, other6} {
		all = append(all, bytesOf(s))
	}
	for i := range len(secret) - 4 {
		all = append(all, secret[i:i+5])
	}
	return all
}

func TestNothingRemains(t *testing.T) {
	f := testFrames()
	for _, e := range examples() {
		for n := range len(e.data) + 1 {
			out := f.Redact(e.link, e.data[:n], uint32(len(e.data)))
			for _, o := range originals() {
				if bytes.Contains(out, o) {
					t.Errorf("%s, %d bytes: %x is still in %x", e.name, n, o, out)
				}
			}
			agree(t, f, e.link, e.data[:n], uint32(len(e.data)))
		}
	}
}

// A checksum that was right is right for what the frame would be with its payload, in all headers; and it is the right one
// of what is still there where nothing was cut.
func TestChecksums(t *testing.T) {
	f := testFrames()
	checked := 0
	for _, e := range examples() {
		out := slices.Clone(f.Redact(e.link, e.data, uint32(len(e.data))))
		whole := append(slices.Clone(out), e.data[len(out):]...)
		for i, s := range f.rewrite.sums {
			was := binary.BigEndian.Uint16(e.data[s.field:])
			is := binary.BigEndian.Uint16(whole[s.field:])
			switch {
			case !s.whole: // a quote that was cut
			case was == 0 || s.over(e.data) != 0xffff:
				if was == 0 && is != 0 {
					t.Errorf("%s: checksum %d was 0, is %#04x", e.name, i, is)
				}
			default:
				checked++
				if s.over(whole) != 0xffff {
					t.Errorf("%s: checksum %d is %#04x and wrong", e.name, i, is)
				}
			}
		}
	}
	if checked < 35 {
		t.Errorf("only %d checksums were right", checked)
	}
}

// If an interface is to complete the checksum, the field is the sum of the addresses. It must become that of the new ones.
func TestPartialChecksum(t *testing.T) {
	f := testFrames()
	for _, length := range []int{20 + len(secret), 0} {
		data := in4(6, segment("", secret))
		s := sum{pseudo: pseudo{src: 12, dst: 16, size: 4, protocol: 6}}
		binary.BigEndian.PutUint16(data[36:], s.partial(data, length))
		for _, cut := range []int{len(data), 40} {
			out := f.Redact(101, data[:cut], uint32(len(data)))
			if got, want := binary.BigEndian.Uint16(out[36:]), s.partial(out, length); got != want {
				t.Errorf("length %d, %d captured: %#04x, not %#04x", length, cut, got, want)
			}
		}
	}
	// This one is wrong for no known reason. It is wrong afterwards too, but by another amount.
	data := in4(6, segment("", secret))
	data[36], data[37] = 0x12, 0x34
	out := slices.Clone(f.Redact(101, data, uint32(len(data))))
	s := f.rewrite.sums[1]
	whole := append(out, data[len(out):]...)
	if s.over(whole) == 0xffff || binary.BigEndian.Uint16(out[36:]) == 0x1234 {
		t.Errorf("%x", out)
	}
}

func TestOptions(t *testing.T) {
	kept := unhex("020405b4 0402 080a 0000000100000000 01 030307 050a 0000000100000002 00")
	b := slices.Clone(kept)
	if tcpOptions(b); !bytes.Equal(b, kept) {
		t.Errorf("%x became %x", kept, b)
	}
	b = unhex("fd06 0af40105 0201 0af40105")
	if tcpOptions(b); !bytes.Equal(b, unhex("010101010101 000000000000")) {
		t.Errorf("became %x", b)
	}
	b = unhex("0601 0502 0000 00 c904 01020304 0100 c9ff")
	if padOptions(b); !bytes.Equal(b, unhex("0601 0502 0000 00 0104 00000000 0100 0000")) {
		t.Errorf("became %x", b)
	}
}

// agree compares how package decode reads a redacted frame and its original.
func agree(t *testing.T, f *Frames, link capture.LinkType, data []byte, length uint32) {
	t.Helper()
	out := f.Redact(link, data, length)
	k := f.rewrite.key
	stacks := decode.NewStacks()
	d := decode.New(testOptions, stacks)
	var p, q, quote, redacted decode.Packet
	d.Decode(&p, link, data, length)
	d.Decode(&q, link, out, length)
	if len(out) > len(data) {
		t.Fatalf("%x is longer than %x", out, data)
	}
	want := expected(k, p)
	mac := [8]byte{}
	binary.BigEndian.PutUint64(mac[:], p.MAC<<16)
	m := k.MAC([6]byte(mac[:]))
	copy(mac[:], m[:])
	want.MAC = binary.BigEndian.Uint64(mac[:]) >> 16
	compareFrames(t, "frame", data, out, stacks, k, want, q)
	had, has := d.Quote(&p, data, &quote), d.Quote(&q, out, &redacted)
	if had != has {
		t.Fatalf("%x quotes: %v, %x: %v", data, had, out, has)
	}
	if had {
		quote.MAC = want.MAC
		compareFrames(t, "quote", data, out, stacks, k, expected(k, quote), redacted)
	}
}

// expected returns p with what is replaced in it.
func expected(k *Key, p decode.Packet) decode.Packet {
	if p.Network == decode.NetIPv4 || p.Network == decode.NetIPv6 {
		p.Src, p.Dst = replaced(k, p.Src), replaced(k, p.Dst)
	}
	if p.Has&decode.HasICMP == 0 {
		return p
	}
	switch {
	case p.Proto == wire.ProtoICMP && p.ICMPType == wire.ICMPRedirect:
		a := k.Addr(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, p.ICMPWord)))).As4()
		p.ICMPWord = binary.BigEndian.Uint32(a[:])
	case p.Proto == wire.ProtoICMP && p.ICMPType > 18:
		p.ICMPWord = 0
	case p.Proto == wire.ProtoICMPv6:
		switch p.ICMPType {
		case 1, 2, 3, 4, 128, 129, 130, 131, 132, 134, 143:
		case 135, 136:
			p.ICMPWord &= 0xff << 24
		default:
			p.ICMPWord = 0
		}
	}
	return p
}

func replaced(k *Key, a wire.Addr) wire.Addr {
	if a.IsZero() {
		return a
	}
	return wire.AddrFrom(k.Addr(a.Netip()))
}

func compareFrames(t *testing.T, what string, data, out []byte, stacks *decode.Stacks, k *Key, want, got decode.Packet) {
	t.Helper()
	had, has := stacks.Get(want.Stack).Encaps, stacks.Get(got.Stack).Encaps
	if len(had) != len(has) {
		t.Fatalf("%s %x has %d encapsulations, %x %d", what, data, len(had), out, len(has))
	}
	for i, e := range had {
		e.Src, e.Dst = replaced(k, e.Src), replaced(k, e.Dst)
		if e.Kind == decode.EncapGRE && has[i].VNI != e.VNI {
			e.VNI = uint32(replaced(k, wire.Addr4(e.VNI)).Lo)
		}
		if e != has[i] {
			t.Fatalf("%s %x: encapsulation %+v, %x: %+v", what, data, e, out, has[i])
		}
	}
	// How much there is, and where it ends, is what redaction changes.
	for _, p := range []*decode.Packet{&want, &got} {
		p.Stack, p.Stop, p.Cap, p.PayloadCap = 0, decode.Stop{}, 0, 0
		p.Has &^= decode.HasQuote
		if p.Has&decode.HasSegmentation != 0 || p.Network == decode.NetIPv6 && p.IPLen == wire.IPv6Len {
			// The length of a jumbogram is gone with its option, where that was cut.
			p.Has &^= decode.HasSegmentation
			p.IPLen, p.OuterIPLen, p.PayloadLen, p.Payload = 0, 0, 0, 0
		}
	}
	if want != got {
		t.Fatalf("%s %x became %x:\nwant %+v\ngot  %+v", what, data, out, want, got)
	}
}

func FuzzRedact(f *testing.F) {
	links := [...]capture.LinkType{1, 101, 113, 276, 0}
	for _, e := range examples() {
		f.Add(byte(slices.Index(links[:], e.link)), uint16(0), e.data)
		f.Add(byte(slices.Index(links[:], e.link)), uint16(9), e.data[:len(e.data)/2])
	}
	for _, data := range [][]byte{
		in4(17, datagram(50000, 6081, cat(unhex("3f006558 00000100"), make([]byte, 252), eth(0x86dd, in6(6, segment("", nil)))))),
		in4(47, cat(unhex("b000 88be 00000000 0000002a 00000001 1001 0001 00000000"), eth(0x0800, in4(6, segment("", nil))))),
		in4(51, cat(unhex("11 04 0000 00000001 00000002 000000000000000000000000"), datagram(1, 2, nil))),
		eth(0x8847, cat(unhex("00010140 00000000"), eth(0x0800, in4(6, segment("", nil))))),
		eth(0x8847, cat(unhex("00010140"), eth(0x0800, in4(6, segment("", nil))))),
		eth(0x8864, cat(unhex("1100 0001 0030 0021"), in4(6, segment("", nil)))),
		in6(0, cat(unhex("06 00 c204 00010000"), segment("", nil))),
	} {
		f.Add(byte(1), uint16(100), data)
		f.Add(byte(0), uint16(100), data)
	}
	redactor := testFrames()
	f.Fuzz(func(t *testing.T, link byte, more uint16, data []byte) {
		if len(data) < 1<<16 {
			agree(t, redactor, links[int(link)%len(links)], data, uint32(len(data))+uint32(more))
		}
	})
}

// TestChanged redacts examples with some of their bytes changed, as the fuzzer does, for runs without it.
func TestChanged(t *testing.T) {
	f := testFrames()
	r := rand.New(rand.NewPCG(11, 12))
	for range 100 {
		for _, e := range examples() {
			data := slices.Clone(e.data)
			for range 1 + r.IntN(4) {
				data[r.IntN(len(data))] = byte(r.Uint32())
			}
			agree(t, f, e.link, data, uint32(len(data)+r.IntN(3)))
		}
	}
}
