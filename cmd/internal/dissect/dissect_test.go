package dissect

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/miekg/dns"

	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// frames hands on the frames of a capture.
func frames(t testing.TB, data []byte, each func(link capture.LinkType, data []byte, wire uint32)) {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b capture.Block
	for {
		if err := r.Read(&b); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		for i := range b.Frames {
			f := &b.Frames[i]
			each(r.Interfaces()[f.Interface].Link, b.Bytes(f), f.Wire)
		}
	}
}

// TestCorpus holds dissections against netsift's own decoder: both find the same innermost packet, and layers follow each other without gaps.
func TestCorpus(t *testing.T) {
	d := New(decode.Options{})
	dec := decode.New(decode.Options{}, decode.NewStacks())
	seen := map[string]int{}
	for i, c := range cases.All() {
		if i%8 != 0 && !strings.HasPrefix(c.Name, "form-") && !strings.HasPrefix(c.Name, "ok-") {
			continue
		}
		f := c.Play().Files()[0]
		n := 0
		frames(t, f.Data, func(link capture.LinkType, data []byte, wire uint32) {
			if n++; n > 300 {
				return
			}
			x := d.Frame(link, data)
			var p decode.Packet
			dec.Decode(&p, link, data, wire)
			at := 0
			src := ""
			for _, l := range x.Layers {
				seen[l.Name]++
				if l.Offset < at || l.Offset+l.Length > len(data) {
					t.Fatalf("%s, frame %d: %s at %d, %d bytes, behind %d of %d", c.Name, n, l.Name, l.Offset, l.Length, at, len(data))
				}
				at = l.Offset
				if l.Name == "ICMP" || l.Name == "ICMPv6" { // what follows is a quote
					break
				}
				if l.Name == "IPv4" || l.Name == "IPv6" {
					src = value(&l, "source")
				}
			}
			if p.Network == decode.NetIPv4 || p.Network == decode.NetIPv6 {
				if want := p.Src.Netip().Unmap().String(); src != want {
					t.Fatalf("%s, frame %d: innermost source is %q, want %q; %+v", c.Name, n, src, want, x)
				}
			}
			if p.Stop.Reason == decode.StopNone && strings.Contains(x.Stop, "gave up") {
				t.Fatalf("%s, frame %d: %s", c.Name, n, x.Stop)
			}
		})
	}
	for _, name := range []string{"Ethernet", "Linux SLL", "Linux SLL2", "ARP", "IPv4", "IPv6", "TCP", "UDP", "ICMP", "VXLAN", "Geneve", "DNS", "SCTP"} {
		if seen[name] == 0 {
			t.Errorf("no %s in the corpus: %v", name, seen)
		}
	}
}

func value(l *Layer, name string) string {
	for _, f := range l.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// shown is a dissection in lines: layers with their summaries, and the fields that are asked for.
func shown(x *Dissection, fields ...string) string {
	var b strings.Builder
	for _, l := range x.Layers {
		fmt.Fprintf(&b, "%s %d+%d: %s\n", l.Name, l.Offset, l.Length, l.Summary)
		for _, name := range fields {
			for _, f := range l.Fields {
				if f.Name == name {
					fmt.Fprintf(&b, "  %s: %s\n", f.Name, f.Value)
				}
			}
		}
	}
	if x.Stop != "" {
		fmt.Fprintf(&b, "stop: %s\n", x.Stop)
	}
	return b.String()
}

// built serializes layers.
func built(t testing.TB, list ...gopacket.SerializableLayer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, list...); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(b.Bytes())
}

var (
	client = netip.MustParseAddr("10.244.1.5").AsSlice()
	server = netip.MustParseAddr("10.96.0.10").AsSlice()
)

// ip builds an IPv4 packet.
func ip(t testing.TB, l gopacket.SerializableLayer, protocol layers.IPProtocol, payload []byte) []byte {
	h := &layers.IPv4{Version: 4, TTL: 64, Id: 7, Flags: layers.IPv4DontFragment, Protocol: protocol, SrcIP: client, DstIP: server}
	switch l := l.(type) {
	case *layers.UDP:
		l.SetNetworkLayerForChecksum(h)
	case *layers.TCP:
		l.SetNetworkLayerForChecksum(h)
	}
	return built(t, h, l, gopacket.Payload(payload))
}

func udp(t testing.TB, port uint16, payload []byte) []byte {
	return ip(t, &layers.UDP{SrcPort: 50000, DstPort: layers.UDPPort(port)}, layers.IPProtocolUDP, payload)
}

func tcp(t testing.TB, port uint16, payload []byte) []byte {
	return ip(t, &layers.TCP{
		SrcPort: 50000, DstPort: layers.TCPPort(port), Seq: 1000, Ack: 2000, ACK: true, PSH: true, Window: 502,
		Options: []layers.TCPOption{{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: []byte{0, 0, 0, 11, 0, 0, 0, 12}}},
	}, layers.IPProtocolTCP, payload)
}

func answer(t testing.TB) []byte {
	var m dns.Msg
	m.SetQuestion("api.example.com.", dns.TypeA)
	m.Id, m.Response = 0x1234, true
	r, err := dns.NewRR("api.example.com. 30 IN A 203.0.113.7")
	if err != nil {
		t.Fatal(err)
	}
	m.Answer = []dns.RR{r}
	m.SetEdns0(1232, true)
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// clientHello is the beginning of a TLS connection to a name, with a GREASE version.
func clientHelloTo(name string) []byte {
	two := func(b []byte) []byte { return append([]byte{byte(len(b) >> 8), byte(len(b))}, b...) }
	extension := func(kind byte, b []byte) []byte { return append([]byte{0, kind}, two(b)...) }
	body := append([]byte{3, 3}, make([]byte, 32)...)
	body = append(body, 0)                                  // session
	body = append(body, 0, 4, 0x13, 0x01, 0x13, 0x02, 1, 0) // ciphers, compression
	extensions := extension(0, two(append([]byte{0}, two([]byte(name))...)))
	extensions = append(extensions, extension(16, two([]byte("\x02h2\x08http/1.1")))...)
	extensions = append(extensions, extension(43, []byte{4, 0x1a, 0x1a, 3, 4})...)
	body = append(body, two(extensions)...)
	handshake := append([]byte{1, 0, byte(len(body) >> 8), byte(len(body))}, body...)
	return append([]byte{22, 3, 1}, two(handshake)...)
}

func TestFrame(t *testing.T) {
	sll2 := append([]byte{8, 0, 0, 0, 0, 0, 0, 9, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0}, tcp(t, 80, []byte("GET / HTTP/1.1\r\nHost: web.shop\r\n\r\nbody"))...)
	inner := built(t, &layers.Ethernet{SrcMAC: []byte{2, 0, 0, 0, 0, 1}, DstMAC: []byte{2, 0, 0, 0, 0, 2}, EthernetType: layers.EthernetTypeIPv4}, gopacket.Payload(udp(t, 53, answer(t))))
	vxlan := udp(t, 8472, append([]byte{8, 0, 0, 0, 0, 0, 1, 0}, inner...))
	long := bytes.Repeat([]byte{0xab}, 124)
	geneve := udp(t, 6081, append(append([]byte{0x20, 0x40, 0x65, 0x58, 0, 0, 7, 0, 1, 2, 0x80, 0x1f}, long...), inner...))
	tooBig := ip(t, &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(3, 4), Seq: 1450}, layers.IPProtocolICMPv4, tcp(t, 80, nil)[:28])
	sctp := ip(t, &layers.SCTP{SrcPort: 1, DstPort: 2, VerificationTag: 5}, layers.IPProtocolSCTP,
		[]byte{3, 0, 0, 16, 0, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 17, 0, 0, 0, 9, 0, 1, 0, 0, 0, 0, 0, 46, 'x', 0, 0, 0, 11, 0, 0, 4})
	for _, c := range []struct {
		name   string
		link   capture.LinkType
		data   []byte
		fields []string
		want   string
	}{
		{"cooked", capture.LinkLinuxSLL2, sll2, []string{"Host", "timestamps", "checksum", "address"}, `Linux SLL2 0+20: interface 9, from this host
  address: 02:00:00:00:00:01
IPv4 20+20: 10.244.1.5 to 10.96.0.10
  checksum: 0x2435, right
TCP 40+32: 50000 to 80, PSH ACK, seq 1000, ack 2000, 38 bytes
  timestamps: 11, echo 12
  checksum: 0x2ac4
HTTP 72+34: GET / HTTP/1.1
  Host: web.shop
Data 106+4: 4 bytes
`},
		{"DNS in VXLAN on Linux's port", capture.LinkRaw, vxlan, []string{"flags", "question", "answer", "additional"}, `IPv4 0+20: 10.244.1.5 to 10.96.0.10
UDP 20+8: 50000 to 8472
VXLAN 28+8: VNI 1
Ethernet 36+14: 02:00:00:00:00:01 to 02:00:00:00:00:02
IPv4 50+20: 10.244.1.5 to 10.96.0.10
UDP 70+8: 50000 to 53
DNS 78+75: answer NOERROR A api.example.com.
  flags: recursion desired
  question: api.example.com. IN A
  answer: api.example.com. 30 IN A 203.0.113.7
  additional: EDNS version 0, UDP size 1232, DNSSEC OK
`},
		{"a long option of Geneve", capture.LinkIPv4, geneve, []string{"VNI"}, `IPv4 0+20: 10.244.1.5 to 10.96.0.10
UDP 20+8: 50000 to 6081
Geneve 28+136: VNI 7
  VNI: 7
Ethernet 164+14: 02:00:00:00:00:01 to 02:00:00:00:00:02
IPv4 178+20: 10.244.1.5 to 10.96.0.10
UDP 198+8: 50000 to 53
DNS 206+75: answer NOERROR A api.example.com.
`},
		{"client hello", capture.LinkRaw, tcp(t, 6443, clientHelloTo("api.shop.example")), []string{"server name", "ALPN", "supported versions", "cipher suites"}, `IPv4 0+20: 10.244.1.5 to 10.96.0.10
TCP 20+32: 50000 to 6443, PSH ACK, seq 1000, ack 2000, 106 bytes
TLS 52+106: client hello, server name api.shop.example
  server name: api.shop.example
  ALPN: h2, http/1.1
  supported versions: GREASE, TLS 1.3
  cipher suites: 2
`},
		{"a quote in an ICMP error", capture.LinkRaw, tooBig, []string{"MTU of the next hop"}, `IPv4 0+20: 10.244.1.5 to 10.96.0.10
ICMP 20+8: DestinationUnreachable(FragmentationNeeded), MTU 1450
  MTU of the next hop: 1450
IPv4 28+20: 10.244.1.5 to 10.96.0.10
TCP 48+8: 50000 to 80, seq 1000
stop: the rest of the TCP header is not there, or contradicts itself
`},
		{"chunks of SCTP", capture.LinkRaw, sctp, []string{"TSN"}, `IPv4 0+20: 10.244.1.5 to 10.96.0.10
SCTP 20+12: 1 to 2
SCTP SACK 32+16: 16 bytes
SCTP DATA 48+17: 17 bytes
  TSN: 9
SCTP COOKIE ACK 68+4: 4 bytes
`},
		{"DNS over TCP", capture.LinkRaw, tcp(t, 53, append([]byte{0, byte(len(answer(t)))}, answer(t)...)), nil, `IPv4 0+20: 10.244.1.5 to 10.96.0.10
TCP 20+32: 50000 to 53, PSH ACK, seq 1000, ack 2000, 77 bytes
DNS 54+75: answer NOERROR A api.example.com.
`},
		{"cut DNS", capture.LinkRaw, udp(t, 53, answer(t))[:70], nil, `IPv4 0+20: 10.244.1.5 to 10.96.0.10
UDP 20+8: 50000 to 53
DNS 28+42: answer NOERROR A api.example.com.
stop: DNS: dns: buffer size too small
`},
		{
			"what gopacket panics on", capture.LinkLinuxSLL,
			[]byte{0, 0, 0, 1, 0, 200, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0},
			nil,
			"stop: gopacket gave up on Linux SLL: runtime error: slice bounds out of range [:206] with capacity 16\n",
		},
		{"WireGuard", capture.LinkRaw, udp(t, 51820, append([]byte{4, 0, 0, 0}, make([]byte, 44)...)), nil, `IPv4 0+20: 10.244.1.5 to 10.96.0.10
UDP 20+8: 50000 to 51820
WireGuard 28+48: data, 48 bytes
stop: the rest is encrypted
`},
		{"another protocol", capture.LinkRaw, ip(t, gopacket.Payload("x"), 89, nil), []string{"text"}, `IPv4 0+20: 10.244.1.5 to 10.96.0.10
OSPF (IP protocol 89) 20+1: 1 byte
  text: x
`},
		{"another link type", 147, []byte{1, 2, 3}, nil, "Data 0+3: 3 bytes\nstop: link type LINKTYPE_147 is not known\n"},
		{"nothing", capture.LinkEthernet, nil, nil, ""},
		{"a cut cooked header", capture.LinkLinuxSLL2, sll2[:19], nil, "Data 0+19: 19 bytes\nstop: the header of LINUX_SLL2 has 20 bytes, and 19 were captured\n"},
	} {
		if got := shown(New(decode.Options{}).Frame(c.link, c.data), c.fields...); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// TestPorts holds that a tunnel is found where the options say it is.
func TestPorts(t *testing.T) {
	data := udp(t, 14789, append([]byte{8, 0, 0, 0, 0, 0, 1, 0}, built(t, &layers.Ethernet{SrcMAC: make([]byte, 6), DstMAC: make([]byte, 6), EthernetType: 0x9999})...))
	for want, o := range map[string]decode.Options{"Data": {}, "VXLAN": {Ports: map[decode.EncapKind][]uint16{decode.EncapVXLAN: {14789}}}} {
		if got := New(o).Frame(capture.LinkRaw, data).Layers[2].Name; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestBounds holds that a frame of nothing but headers, or an answer of nothing but records, is shown in part.
func TestBounds(t *testing.T) {
	labels := append([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0x47}, bytes.Repeat([]byte{0, 0, 0x10, 64}, 10000)...)
	x := New(decode.Options{}).Frame(capture.LinkEthernet, labels)
	if len(x.Layers) != MaxLayers || !strings.Contains(x.Stop, "more than 48 headers") {
		t.Errorf("%d layers, %s", len(x.Layers), x.Stop)
	}
	var m dns.Msg
	m.SetQuestion("x.", dns.TypeTXT)
	for range 500 {
		m.Answer = append(m.Answer, &dns.TXT{Hdr: dns.RR_Header{Name: "x.", Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{strings.Repeat("y", 100)}})
	}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	x = New(decode.Options{}).Frame(capture.LinkRaw, udp(t, 53, b))
	l := x.Layers[2]
	if got := l.Fields[len(l.Fields)-1].Value; len(l.Fields) > 50 || got != "and 468 more" {
		t.Errorf("%d fields, the last is %q", len(l.Fields), got)
	}
	header := tcp(t, 80, []byte("GET / HTTP/1.1\r\n"+strings.Repeat("a: "+strings.Repeat("b", 2000)+"\r\n", 25)))
	for _, f := range New(decode.Options{}).Frame(capture.LinkRaw, header).Layers[2].Fields {
		if len(f.Value) > maxValue+3 {
			t.Errorf("a value of %d bytes", len(f.Value))
		}
	}
}

// FuzzFrame: any bytes are dissected, without a panic, within bounds.
func FuzzFrame(f *testing.F) {
	for _, link := range []uint16{0, 1, 9, 12, 101, 113, 276} {
		for _, data := range [][]byte{udp(f, 53, answer(f)), tcp(f, 443, clientHelloTo("x.example")), ip(f, &layers.SCTP{}, 132, []byte{1, 0, 0, 20, 5: 9, 19: 1})} {
			f.Add(link, data)
		}
	}
	for i, c := range cases.All() {
		if i%40 == 0 {
			n := 0
			frames(f, c.Play().Files()[0].Data, func(link capture.LinkType, data []byte, _ uint32) {
				if n++; n%50 == 1 {
					f.Add(uint16(link), bytes.Clone(data))
				}
			})
		}
	}
	d := New(decode.Options{})
	f.Fuzz(func(t *testing.T, link uint16, data []byte) {
		x := d.Frame(capture.LinkType(link), data)
		if len(x.Layers) > MaxLayers+2 {
			t.Errorf("%d layers", len(x.Layers))
		}
		for _, l := range x.Layers {
			if l.Offset < 0 || l.Length < 0 || l.Offset+l.Length > len(data) || len(l.Fields) > MaxFields || len(l.Summary) > 3*maxValue {
				t.Errorf("%+v of %d bytes", l, len(data))
			}
		}
	})
}
