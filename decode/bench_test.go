package decode_test

import (
	"slices"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/netsift/netsift/decode"
)

func BenchmarkDecode(b *testing.B) {
	d := decode.New(decode.Options{}, decode.NewStacks())
	all := frames()
	for _, name := range []string{"tcp", "tcp_sll2", "tcp6", "syn", "udp", "vxlan", "vxlan6", "geneve", "gre", "ipip", "icmp_error"} {
		f := all[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var p decode.Packet
			for b.Loop() {
				d.Decode(&p, f.link, f.data, uint32(len(f.data)))
			}
		})
	}
}

// BenchmarkManyTunnels goes round 64 peers, as a node of a cluster of that size sees them.
func BenchmarkManyTunnels(b *testing.B) {
	d := decode.New(decode.Options{}, decode.NewStacks())
	f := frames()["vxlan"]
	var peers [64][]byte
	for i := range peers {
		peers[i] = slices.Clone(f.data)
		peers[i][14+19] = byte(i)
	}
	var p decode.Packet
	i := 0
	for b.Loop() {
		data := peers[i%len(peers)]
		d.Decode(&p, f.link, data, uint32(len(data)))
		i++
	}
}

func BenchmarkQuote(b *testing.B) {
	d := decode.New(decode.Options{}, decode.NewStacks())
	f := frames()["icmp_error"]
	var p, q decode.Packet
	d.Decode(&p, f.link, f.data, uint32(len(f.data)))
	for b.Loop() {
		d.Quote(&p, f.data, &q)
	}
}

// BenchmarkGopacket decodes the same VXLAN packet with gopacket's DecodingLayerParser, which knows port 4789 alone and
// overwrites the outer header with the inner one: the bar to be cleared is four times its speed.
func BenchmarkGopacket(b *testing.B) {
	data := set(frames()["vxlan"].data, 14+20+2, "12b5")
	var (
		e   layers.Ethernet
		ip  layers.IPv4
		u   layers.UDP
		v   layers.VXLAN
		t   layers.TCP
		pay gopacket.Payload
	)
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &e, &ip, &u, &v, &t, &pay)
	decoded := make([]gopacket.LayerType, 0, 10)
	b.ReportAllocs()
	for b.Loop() {
		if err := parser.DecodeLayers(data, &decoded); err != nil {
			b.Fatal(err)
		}
	}
	if len(decoded) != 8 {
		b.Fatal(decoded)
	}
}

func BenchmarkDNS(b *testing.B) {
	msg := cat(unhex("1234 0100 0001 0000 0000 0000"),
		[]byte("\x03api\x07example\x03com\x07default\x03svc\x07cluster\x05local\x00"), unhex("0001 0001"))
	b.ReportAllocs()
	for b.Loop() {
		if m, ok := decode.ParseDNS(msg); !ok || !m.HasQuestion {
			b.Fatal(m)
		}
	}
}
