package redact

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
)

func testKey(b byte) *Key { return NewKey(bytes.Repeat([]byte{b}, 32)) }

// TestFlipsAreIndependent: over many keys each bit of an address is flipped in half of them, and any two neighbours alike in half. With
// one padding for all positions, as Crypto-PAn has it, neighbours flip alike in 3 of 4.
func TestFlipsAreIndependent(t *testing.T) {
	const keys = 4000
	for _, c := range []struct {
		addr     string
		from, to int
	}{{"10.244.2.8", 8, 32}, {"10.96.0.50", 8, 32}, {"34.120.7.9", 0, 32}, {"fd00:10:244::2:8", 8, 128}, {"fdff:ffff:ffff::", 8, 128}} {
		a := netip.MustParseAddr(c.addr)
		var in [16]byte
		copy(in[:], a.AsSlice())
		var flips, alike [128]int
		for n := range keys {
			p := newPAN([panKeyLen]byte(derive([]byte{byte(n), byte(n >> 8)}, c.addr)))
			out := p.permute(in, c.from, c.to)
			flip := func(i int) bool { return (in[i/8]^out[i/8])&(0x80>>(i%8)) != 0 }
			for i := c.from; i < c.to; i++ {
				if flip(i) {
					flips[i]++
				}
				if i > c.from && flip(i) == flip(i-1) {
					alike[i]++
				}
			}
		}
		for i := c.from; i < c.to; i++ {
			// Five standard deviations of 4,000 throws of a coin: 158. One bit moves where the seven before it do not.
			const off, moved = 158, keys / 256
			if d := flips[i] - keys/2; d < -off || d > off+moved {
				t.Errorf("%s: bit %d is flipped by %d of %d keys", c.addr, i, flips[i], keys)
			}
			if d := alike[i] - keys/2; i > c.from && (d < -off-moved || d > off) {
				t.Errorf("%s: bits %d and %d are alike with %d of %d keys", c.addr, i-1, i, alike[i], keys)
			}
		}
	}
}

// TestNoOriginal: with 10,000 keys, none of a cluster's addresses stays, nor the octet behind the prefix of its class, and none becomes another
// of them.
func TestNoOriginal(t *testing.T) {
	cluster := map[netip.Addr]bool{}
	for _, s := range []string{
		"10.0.0.11", "10.0.0.12", "10.96.0.10", "10.96.0.50", "10.244.1.1", "10.244.1.5", "10.244.2.3", "10.244.2.8", "172.18.0.2", "172.18.0.3",
		"100.64.3.4", "8.8.8.8", "fd00:10:96::a", "fd00:10:244:1::5",
	} {
		cluster[netip.MustParseAddr(s)] = true
	}
	for n := range 10000 {
		k := NewKey([]byte{byte(n), byte(n >> 8), 16: 0})
		for a := range cluster {
			x := k.Addr(a)
			if cluster[x] {
				t.Errorf("key %d: %s became %s", n, a, x)
			}
			if c := classOf(a); a.IsPrivate() && common(a, x) >= c.first+8 {
				t.Errorf("key %d: %s became %s, which has the same 8 bits behind %s", n, a, x, c.name)
			}
		}
	}
}

// common returns the number of leading bits that two addresses have in common.
func common(a, b netip.Addr) int {
	x, y := a.AsSlice(), b.AsSlice()
	for i := range x {
		if d := x[i] ^ y[i]; d != 0 {
			return i*8 + bits.LeadingZeros8(d)
		}
	}
	return len(x) * 8
}

// sampled are two random addresses of the prefix that have a random number of bits in common.
func sampled(r *rand.Rand, p netip.Prefix) (a, b netip.Addr) {
	x := p.Addr().AsSlice()
	set := func(s []byte, bit int) {
		s[bit/8] = s[bit/8]&^(0x80>>(bit%8)) | byte(r.IntN(2))<<(7-bit%8)
	}
	for i := p.Bits(); i < len(x)*8; i++ {
		set(x, i)
	}
	y := bytes.Clone(x)
	for i := p.Bits() + r.IntN(len(x)*8-p.Bits()); i < len(x)*8; i++ {
		set(y, i)
	}
	a, _ = netip.AddrFromSlice(x)
	b, _ = netip.AddrFromSlice(y)
	return a, b
}

var classes = []string{
	"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "240.0.0.0/4", "0.0.0.0/0",
	"2000::/3", "fd00::/8", "fc00::/8", "fe80::/64", "fe80::/10", "ff02::1:ff00:0/104", "::/0",
}

func TestPrefixesArePreserved(t *testing.T) {
	k := testKey(1)
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range classes {
		p := netip.MustParsePrefix(s)
		tried, moved := 0, 0
		for range 3000 {
			a, b := sampled(r, p)
			ca, cb := classOf(a), classOf(b)
			if ca != cb || ca == eui64 || ca.last == 0 {
				continue
			}
			x, y := k.Addr(a), k.Addr(b)
			if classOf(x) != ca {
				t.Fatalf("%s of %s became %s of %s", a, ca.name, x, classOf(x).name)
			}
			n, m := common(a, b), common(x, y)
			tried++
			if x != a {
				moved++
			}
			// Public IPv4, and what is in no block of IPv6, may walk.
			if n != m && (p.Bits() != 0 || a.Is4() && n >= 16) {
				t.Fatalf("%s: %s and %s have %d bits in common, %s and %s %d", s, a, b, n, x, y, m)
			}
		}
		if tried < 1000 || moved < tried*9/10 {
			t.Errorf("%s: %d pairs tried, %d moved", s, tried, moved)
		}
	}
}

// Two blocks of 2^16 addresses in each class, and 2^16 of them all, are still as many.
func TestOneToOne(t *testing.T) {
	k := testKey(2)
	r := rand.New(rand.NewPCG(3, 4))
	seen := map[netip.Addr]netip.Addr{}
	add := func(a netip.Addr) {
		x := k.Addr(a)
		if was, ok := seen[x]; ok && was != a {
			t.Fatalf("both %s and %s became %s", was, a, x)
		}
		seen[x] = a
	}
	for i := range 1 << 16 {
		add(netip.AddrFrom4([4]byte{10, 244, byte(i >> 8), byte(i)}))
		add(netip.AddrFrom4([4]byte{byte(i >> 8), byte(i), 7, 9})) // one of each block of 2^16: all classes, all walks
		add(netip.AddrFrom4([4]byte{255, 255, byte(i >> 8), byte(i)}))
	}
	for range 1 << 12 {
		for _, s := range classes {
			a, b := sampled(r, netip.MustParsePrefix(s))
			add(a.Unmap())
			add(b.Unmap())
		}
	}
}

func TestConsistent(t *testing.T) {
	k, again, other := testKey(3), testKey(3), testKey(4)
	r := rand.New(rand.NewPCG(5, 6))
	same := 0
	for range 500 {
		a, _ := sampled(r, netip.MustParsePrefix("10.0.0.0/8"))
		if first := k.Addr(a); first != again.Addr(a) || first != k.Addr(a) {
			t.Fatalf("%s became two addresses", a)
		}
		if k.Addr(a) == other.Addr(a) {
			same++
		}
		mapped := netip.AddrFrom16(a.As16())
		if k.Addr(mapped) != k.Addr(a) {
			t.Fatalf("%s became another in IPv6's form", a)
		}
	}
	if same > 3 {
		t.Errorf("%d of 500 addresses became the same with another key", same)
	}
	if k.Name("shop.example.com") == other.Name("shop.example.com") || k.MAC([6]byte{2, 1}) == other.MAC([6]byte{2, 1}) {
		t.Error("another key made the same of a name or a MAC address")
	}
}

func TestKept(t *testing.T) {
	k := testKey(5)
	for _, s := range []string{
		"0.0.0.0", "127.0.0.1", "127.0.0.53", "169.254.20.10", "169.254.169.254", "224.0.0.251", "239.255.255.250", "255.255.255.255",
		"::", "::1", "ff02::1", "ff02::fb", "ff0e::1234",
	} {
		if a := netip.MustParseAddr(s); k.Addr(a) != a {
			t.Errorf("%s became %s", a, k.Addr(a))
		}
	}
	if k.Addr(netip.Addr{}) != (netip.Addr{}) || k.AddrPort(netip.AddrPort{}) != (netip.AddrPort{}) {
		t.Error("no address became one")
	}
	if p := k.AddrPort(netip.MustParseAddrPort("10.0.0.1:53")); p.Port() != 53 || p.Addr() != k.Addr(netip.MustParseAddr("10.0.0.1")) {
		t.Errorf("10.0.0.1:53 became %s", p)
	}
	if a := k.Addr(netip.MustParseAddr("fe80::1%eth-secret")); a.Zone() != "" {
		t.Errorf("the zone stays: %s", a)
	}
}

func TestPrefix(t *testing.T) {
	k := testKey(6)
	r := rand.New(rand.NewPCG(7, 8))
	for _, s := range []string{"10.244.0.0/16", "10.0.0.0/8", "192.168.7.0/24", "34.120.0.0/16", "fd00:10:244::/56", "2001:db8::/32", "fe80::/64"} {
		p := netip.MustParsePrefix(s)
		out := k.Prefix(p)
		if out.Bits() != p.Bits() || out != out.Masked() {
			t.Errorf("%s became %s", p, out)
		}
		for range 100 {
			if a, _ := sampled(r, p); !out.Contains(k.Addr(a)) {
				t.Fatalf("%s is in %s, and %s not in %s", a, p, k.Addr(a), out)
			}
		}
	}
	for _, s := range []string{"0.0.0.0/0", "::/0", "10.0.0.0/8", "fd00::/8", "127.0.0.0/8", "fe80::/10", "ff00::/8"} {
		if p := netip.MustParsePrefix(s); k.Prefix(p) != p {
			t.Errorf("%s became %s", p, k.Prefix(p))
		}
	}
	if k.Prefix(netip.MustParsePrefix("::ffff:10.1.0.0/112")) != k.Prefix(netip.MustParsePrefix("10.1.0.0/16")) {
		t.Error("a mapped prefix became another")
	}
}

// An address that was made of a MAC address is made of what that became.
func TestEUI64(t *testing.T) {
	k := testKey(7)
	mac := [6]byte{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}
	a := k.Addr(netip.MustParseAddr("fe80::5054:ff:fe12:3456")).As16()
	m := k.MAC(mac)
	want := [16]byte{0xfe, 0x80, 8: m[0] ^ 2, 9: m[1], 10: m[2], 11: 0xff, 12: 0xfe, 13: m[3], 14: m[4], 15: m[5]}
	if a != want || m == mac {
		t.Errorf("%x, MAC %x", a, m)
	}
	group := k.Addr(netip.MustParseAddr("ff02::1:ff12:3456")).As16()
	if got := k.MAC([6]byte{0x33, 0x33, 0xff, 0x12, 0x34, 0x56}); got != [6]byte{0x33, 0x33, 0xff, group[13], group[14], group[15]} {
		t.Errorf("the solicited-node group %x is asked at %x", group, got)
	}
	prefixed := netip.MustParseAddr("ff3e:40:2001:db8:1:2:1234:5678") // RFC 3306
	if b := k.Addr(prefixed).As16(); bytes.Contains(b[:], []byte{0x20, 1, 0xd, 0xb8}) || b[15] != 0x78 || b[0] != 0xff || b[1] != 0x3e {
		t.Errorf("%s became %x", prefixed, b)
	}
}

func TestMAC(t *testing.T) {
	k := testKey(8)
	r := rand.New(rand.NewPCG(9, 10))
	seen := map[[6]byte][6]byte{}
	same := 0
	for range 20000 {
		in := [6]byte{byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}
		out := k.MAC(in)
		if out[0]&3 != in[0]&3 {
			t.Fatalf("%x became %x", in, out)
		}
		if was, ok := seen[out]; ok && was != in {
			t.Fatalf("%x and %x became %x", was, in, out)
		}
		seen[out] = in
		if in == out {
			same++
		}
	}
	if same > 5 {
		t.Errorf("%d of 20000 stay", same)
	}
	for _, mac := range [][6]byte{
		{}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, {0x33, 0x33, 0, 0, 0, 1}, {1, 0, 0x5e, 0, 0, 0xfb}, {1, 0x80, 0xc2, 0, 0, 0xe},
	} {
		if k.MAC(mac) != mac {
			t.Errorf("%x became %x", mac, k.MAC(mac))
		}
	}
	// A pod's address in its MAC address, as container runtimes write it there: the subnet must not shine through.
	x, y := k.MAC([6]byte{0x0a, 0x58, 10, 244, 1, 5}), k.MAC([6]byte{0x0a, 0x58, 10, 244, 1, 6})
	if [5]byte(x[:5]) == [5]byte(y[:5]) {
		t.Errorf("%x and %x", x, y)
	}
}

func TestName(t *testing.T) {
	k := testKey(9)
	addr := func(s string) string { return k.Addr(netip.MustParseAddr(s)).String() }
	dash := func(s string) string { return strings.ReplaceAll(s, ".", "-") }
	reversed := func(s string, sep string) string {
		parts := strings.Split(s, sep)
		for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
			parts[i], parts[j] = parts[j], parts[i]
		}
		return strings.Join(parts, ".")
	}
	shop := k.Name("shop")
	if len(shop) != wordLen || shop == "shop" {
		t.Errorf("shop became %q", shop)
	}
	six := k.Addr(netip.MustParseAddr("fd00::5")).StringExpanded()
	for in, want := range map[string]string{
		"":                                     "",
		".":                                    ".",
		"kubernetes.default.svc.cluster.local": "kubernetes.default.svc.cluster.local",
		"Shop.Default.svc.cluster.local.":      shop + ".default.svc.cluster.local.",
		"SHOP":                                 shop,
		"_tcp.shop.com":                        "_tcp." + shop + ".com",
		"_shop._tcp.default":                   "_" + shop + "._tcp.default",
		"10-244-1-5.default.pod":               dash(addr("10.244.1.5")) + ".default.pod",
		"ip-10-0-0-1.internal":                 "ip-" + dash(addr("10.0.0.1")) + ".internal",
		"fd00--5.default.pod":                  strings.ReplaceAll(six, ":", "-") + ".default.pod",
		"--ffff-a00-1.pod":                     dash(addr("10.0.0.1")) + ".pod",
		"5.1.244.10.in-addr.arpa.":             reversed(addr("10.244.1.5"), ".") + ".in-addr.arpa.",
		"5.1.244.10.in-addr.arpa.svc":          reversed(addr("10.244.1.5"), ".") + ".in-addr.arpa.svc",
		"shop.5.1.244.10.in-addr.arpa":         shop + "." + reversed(addr("10.244.1.5"), ".") + ".in-addr.arpa",
		"in-addr.arpa":                         "in-addr.arpa",
		"arpa":                                 "arpa",
		"10.0.0.1":                             addr("10.0.0.1"),
		"10.0.0.1.svc.cluster.local":           addr("10.0.0.1") + ".svc.cluster.local",
		reversed("fd00"+strings.Repeat("0", 27)+"5", "") + ".ip6.arpa": reversed(strings.ReplaceAll(six, ":", ""), "") + ".ip6.arpa",
		`shop.a\.com`: shop + "." + k.word(`a\.com`),
	} {
		if got := k.Name(in); got != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
	}
	zone := k.Prefix(netip.MustParsePrefix("10.244.0.0/16")).Addr().As4()
	if got, want := k.Name("244.10.in-addr.arpa"), netip.AddrFrom4([4]byte{zone[1], zone[0]}).String(); !strings.HasPrefix(want, strings.TrimSuffix(got, ".in-addr.arpa")) {
		t.Errorf("244.10.in-addr.arpa became %s, want it to be of %s", got, want)
	}
	for _, name := range []string{"shop.prod.example.com", "10.0.0.1", "9.0.0.10.in-addr.arpa", "a-b"} {
		if long := name + ".prod.svc.cluster.local"; !strings.HasPrefix(k.Name(long), k.Name(name)+".") {
			t.Errorf("%s became %s, with a search domain %s", name, k.Name(name), k.Name(long))
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	k := testKey(10)
	for i := range 3 * cacheLen {
		k.Addr(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
		if n := k.cache.len(); n > 2*cacheLen {
			t.Fatalf("%d addresses are remembered", n)
		}
	}
}
