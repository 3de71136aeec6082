package filter

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// translated is a connection to a Service by way of a VXLAN tunnel.
var translated = fact.Connection{Proto: fact.TCP, Legs: []fact.Leg{
	{Src: port("10.244.1.5:33890"), Dst: port("10.96.0.50:80")},
	{Src: port("10.244.1.5:33890"), Dst: port("10.244.2.9:8080")},
	{Src: port("10.244.1.5:33890"), Dst: port("10.244.2.9:8080"), Encap: []fact.Encap{{
		Kind: decode.EncapVXLAN, VNI: 1, Src: netip.MustParseAddr("192.168.1.10"), Dst: netip.MustParseAddr("192.168.1.11"), Port: 8472,
	}}},
}}

var lookup6 = fact.Connection{Proto: fact.UDP, Legs: []fact.Leg{
	{Src: port("[fd00:10:244:1::5]:40000"), Dst: port("[fd00:10:96::a]:53")},
	{Src: port("[fd00:10:244:1::5]:40000"), Dst: port("[fd00:10:244:2::3]:53"), Encap: []fact.Encap{{
		Kind: decode.Encap6in4, Src: netip.MustParseAddr("192.168.1.10"), Dst: netip.MustParseAddr("192.168.1.11"),
	}}},
}}

var ping = fact.Connection{Proto: fact.ICMP, Legs: []fact.Leg{{Src: port("10.244.1.5:77"), Dst: port("10.244.1.6:77")}}}

func port(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestMatch(t *testing.T) {
	const t4, l6, pi = 1, 2, 4 // translated, lookup6, ping
	for _, c := range []struct {
		filter string
		want   int
	}{
		{"", t4 | l6 | pi},
		{"host 10.96.0.50", t4},
		{"host 10.244.2.9", t4},
		{"10.244.2.9", t4},
		{"host 192.168.1.11", t4 | l6},
		{"not host 10.96.0.50", l6 | pi},
		{"!host 10.96.0.50", l6 | pi},
		{"not not host 10.96.0.50", t4},
		{"src host 10.244.1.5", t4 | pi},
		{"dst host 10.244.1.5", 0},
		{"src 10.244.1.5 and dst 10.244.2.9", t4},
		{"src or dst host 10.244.2.9", t4},
		{"src and dst net 10.244", t4 | pi},
		{"src and dst host 10.244.1.5", 0},
		{"dst port 80 && src net 10.244.1.0/24", t4},
		{"src port 80", 0},
		{"port 8472", t4},
		{"udp port 8472", t4},
		{"tcp port 8472", 0},
		{"tcp and port 8472", t4},
		{"portrange 8000-9000", t4},
		{"portrange 9000-8000", t4},
		{"tcp portrange 8081-8471", 0},
		{"port 80 or 53", t4 | l6},
		{"port domain or http", t4 | l6},
		{"port (80 or 53)", t4 | l6},
		{"udp port (80 or 53)", l6},
		{"host 10.96.0.50 or 10.244.1.6", t4 | pi},
		{"src host 10.96.0.50 or 10.244.1.6", 0},
		{"not host 10.96.0.50 and 10.244.2.9", 0}, // (not host A) and host B
		{"not (host 10.96.0.50 or 10.244.1.6)", l6},
		// and and or associate from the left.
		{"icmp or udp and port 53", l6},
		{"udp and port 53 or icmp", l6 | pi},
		{"icmp or (tcp and port 80)", t4 | pi},
		{"icmp or tcp and port 80", t4},
		{"ip", t4 | l6 | pi},
		{"ip6", l6},
		{"ip6 host fd00:10:96::a", l6},
		{"fd00:10:96::a", l6},
		{"net fd00:10:245::/48", 0},
		{"net fd00:10::/32", l6},
		{"fd00:10::/32", l6},
		{"net 10.96.0.0/16", t4},
		{"net 10.96", t4},
		{"net 10.96.0.0 mask 255.255.0.0", t4},
		{"net 0.0.0.0/0", t4 | l6 | pi},
		{"icmp", pi},
		{"icmp6", 0},
		{"port 77", 0}, // the identifier of an echo is no port
		{"arp", 0},
		{"sctp", 0},
		{"proto ipv6", l6},
		{`ip proto \udp`, t4},
		{"ip6 proto 17", l6},
		{"vxlan", t4},
		{"vxlan 1 and host 10.96.0.50", t4},
		{"vxlan 2", 0},
		{"geneve", 0},
		{"TCP AND Port 80", t4},
		{strings.Repeat("(", 90) + "tcp" + strings.Repeat(")", 90), t4},
	} {
		f, err := Parse(c.filter)
		if err != nil {
			t.Errorf("%q: %v", c.filter, err)
			continue
		}
		got := 0
		for i, conn := range []*fact.Connection{&translated, &lookup6, &ping} {
			if f.Connection(conn) {
				got |= 1 << i
			}
		}
		if got != c.want {
			t.Errorf("%q matches %03b, want %03b", c.filter, got, c.want)
		}
	}
}

// TestAddresses: an address matches what asks for it and for nothing else.
func TestAddresses(t *testing.T) {
	a, b, c := netip.MustParseAddr("10.244.1.5"), netip.MustParseAddr("10.244.1.6"), netip.MustParseAddr("192.168.1.10")
	facts := &fact.Facts{
		Addresses: []fact.Address{{Addr: b}}, Tunnels: []fact.Tunnel{{Encap: fact.Encap{Src: c, Dst: c}}},
		Neighbours: []fact.Neighbour{{Addr: b, Askers: []fact.Asker{{Addr: a}, {}}}},
	}
	for _, x := range []struct {
		filter string
		want   []netip.Addr
	}{
		{"", []netip.Addr{a, b, c}},
		{"host 10.244.1.5", []netip.Addr{a}},
		{"dst net 10.244.1.0/24", []netip.Addr{a, b}},
		{"not host 10.244.1.5 and ip", []netip.Addr{b, c}},
		{"host 10.244.1.5 and port 80", nil},
		{"tcp", nil},
		{"pod shop/cart-0", nil},
	} {
		f, err := Parse(x.filter)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Addresses(facts); !slices.Equal(got, x.want) {
			t.Errorf("%q: %v, want %v", x.filter, got, x.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		filter string
		column int // 0: the end
		what   string
	}{
		{"host", 0, "a host, net"},
		{"host web", 6, "names are not looked up"},
		{"host 10.0.0.0/8", 6, "write net"},
		{"prot 80", 1, "unknown word"},
		{"port 80 and", 0, "expected"},
		{"port 80 port 81", 9, "and, or"},
		{"port 80 and or tcp", 13, "expected"},
		{"(port 80", 0, "closing parenthesis"},
		{"port 80)", 8, "no parenthesis is open"},
		{"port 0", 6, "from 1 to 65535"},
		{"port 65536", 6, "from 1 to 65535"},
		{"port 80-90", 6, "from 1 to 65535"},
		{"portrange 80", 11, "range"},
		{"net 10.244.1.5/16", 5, "10.244.0.0/16"},
		{"net 10.0.0.0/33", 5, "0 to 32"},
		{"net 10.0.0.0 mask 255.0.255.0", 19, "in front"},
		{"net fe80::1%eth0", 5, "network"},
		{"ip6 host 10.0.0.1", 10, "IPv6"},
		{"ip net fd00::/8", 8, "IPv4"},
		{"tcp host 10.0.0.1", 5, "tcp and host"},
		{"icmp port 7", 6, "no ports"},
		{"src or 10.0.0.1", 5, "src or dst"},
		{"dst or 10.0.0.1", 8, "src"},
		{"tcp[13] & 2 != 0", 1, "bytes"},
		{"ether host 02:00:00:00:00:01", 1, "not supported"},
		{"vxlan 16777216", 7, "16777215"},
		{"proto tpc", 7, "number"},
		{"tcp proto 6", 5, "ip and ip6"},
		{"ünd port 80", 1, "unknown word"},
		{"host ü and porrt 80", 6, "address"},
		{"tcp and ü or x", 9, "unknown word"},
		{strings.Repeat("(", 300), 201, "deep"},
		{strings.Repeat("a", maxLength+1), 1, "longer"},
	} {
		_, err := Parse(c.filter)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.60q: no error", c.filter)
			continue
		}
		if e.Column != c.column || !strings.Contains(e.What, c.what) {
			t.Errorf("%.60q: column %d, %q; want column %d and %q", c.filter, e.Column, e.What, c.column, c.what)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"host 10.0.0.1 or 10.0.0.2", "not (tcp and portrange 1-2)", "src and dst net 10 mask 255.0.0.0", "vxlan 7", "ip6 proto \\udp"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x, err := Parse(s)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.What == "" || e.Column > len(s) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		// A match is not matched by its opposite.
		if len(strings.Fields(s)) == 0 || len(s) > maxLength-10 {
			return
		}
		y, err := Parse("not (" + s + ")")
		if err != nil {
			if strings.Contains(err.Error(), "deep") {
				return
			}
			t.Fatalf("not (%s): %v", s, err)
		}
		if x.Connection(&translated) == y.Connection(&translated) {
			t.Errorf("%q and its opposite match the same", s)
		}
	})
}
