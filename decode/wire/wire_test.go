package wire

import (
	"net/netip"
	"testing"
)

func TestAddr(t *testing.T) {
	for _, s := range []string{"10.244.1.5", "fd00::1", "255.255.255.255", "fe80::1:2:3:4"} {
		n := netip.MustParseAddr(s)
		a := AddrFrom(n)
		if a.Netip() != n || a.Is4() != n.Is4() || a.IsZero() {
			t.Errorf("%s became %v", s, a.Netip())
		}
	}
	if !AddrFrom(netip.Addr{}).IsZero() || (Addr{}).Netip().IsValid() {
		t.Error("no address must stay no address")
	}
	if !Addr4(1).Less(Addr4(2)) || Addr4(2).Less(Addr4(1)) || !(Addr{Lo: 9}).Less(Addr{Hi: 1}) {
		t.Error("order")
	}
}

func TestNullFamily(t *testing.T) {
	for _, row := range []struct {
		bytes string
		want  uint32
	}{
		{"\x02\x00\x00\x00", 2},
		{"\x00\x00\x00\x02", 2},
		{"\x1e\x00\x00\x00", 30},
		{"\x00\x00\x86\xdd", 0x86dd},
		{"\x0f\x00\x08\x00", 0x0800},
		{"\x00\x00\x00\x00", 0},
		{"\x00\x02\x00\x00", 2},
		{"\x00\x00\x02\x00", 2},
		{"\x02\x00\x00\x02", 0},
	} {
		if got := Null(row.bytes).Family(); got != row.want {
			t.Errorf("family of %x is %d, want %d", row.bytes, got, row.want)
		}
	}
}

func TestPPPProtocol(t *testing.T) {
	for _, row := range []struct {
		bytes    string
		protocol uint16
		n        int
	}{
		{"\x00\x21", 0x21, 2},
		{"\x21", 0x21, 1},
		{"\xff\x03\x00\x57", 0x57, 4},
		{"\xff\x03\x57", 0x57, 3},
		{"", 0, 0},
		{"\x00", 0, 0},
		{"\xff\x03", 0, 0},
		{"\xff\x03\x00", 0, 0},
	} {
		if protocol, n := PPP(row.bytes).Protocol(); protocol != row.protocol || n != row.n {
			t.Errorf("%x: protocol %#x in %d bytes, want %#x in %d", row.bytes, protocol, n, row.protocol, row.n)
		}
	}
}

func TestJumboLen(t *testing.T) {
	for _, row := range []struct {
		name, bytes string
		want        uint32
	}{
		{"first", "\x06\x00\xc2\x04\x00\x01\x00\x00", 65536},
		{"behind_pad1", "\x06\x01\x00\x00\x00\x00\xc2\x04\x00\x02\x00\x00\x01\x02\x00\x00", 131072},
		{"behind_padn", "\x06\x01\x01\x02\x00\x00\xc2\x04\x00\x02\x00\x00\x01\x02\x00\x00", 131072},
		{"other_option", "\x06\x00\x05\x02\x00\x00\x01\x00", 0},
		{"wrong_length", "\x06\x00\xc2\x03\x00\x01\x00\x00", 0},
		{"option_beyond_header", "\x06\x00\x05\xff\x00\x00\x00\x00", 0},
		{"header_beyond_bytes", "\x06\xff\x01\x02\x00\x00\xc2\x04", 0},
		{"cut", "\x06\x00\xc2\x04", 0},
	} {
		if got := IPv6Extension(row.bytes).JumboLen(); got != row.want {
			t.Errorf("%s: %d, want %d", row.name, got, row.want)
		}
	}
}

func TestGRELengths(t *testing.T) {
	for _, row := range []struct {
		name, bytes string
		length      int
		key         uint32
	}{
		{"plain", "\x00\x00\x08\x00", 4, 0},
		{"checksum", "\x80\x00\x08\x00\x00\x00\x00\x00", 8, 0},
		{"key", "\x20\x00\x08\x00\x00\x00\x00\x2a", 8, 42},
		{"checksum_key_sequence", "\xb0\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x2a\x00\x00\x00\x01", 16, 42},
		{"pptp_acknowledged", "\x30\x81\x88\x0b\x00\x10\x00\x01\x00\x00\x00\x01\x00\x00\x00\x02", 16, 0x100001},
		{"acknowledgment_without_ppp", "\x20\x81\x65\x58\x00\x00\x00\x01", 8, 1},
	} {
		g := GRE(row.bytes)
		if g.HeaderLen() != row.length || g.Key() != row.key {
			t.Errorf("%s: %d bytes, key %d; want %d, %d", row.name, g.HeaderLen(), g.Key(), row.length, row.key)
		}
	}
}

func TestWireGuard(t *testing.T) {
	for _, row := range []struct {
		name    string
		payload string
		length  uint32
		want    bool
	}{
		{"initiation", "\x01\x00\x00\x00", 148, true},
		{"response", "\x02\x00\x00\x00", 92, true},
		{"cookie", "\x03\x00\x00\x00", 64, true},
		{"keepalive", "\x04\x00\x00\x00", 32, true},
		{"data", "\x04\x00\x00\x00", 1456, true},
		{"initiation_of_other_length", "\x01\x00\x00\x00", 149, false},
		{"data_not_padded", "\x04\x00\x00\x00", 33, false},
		{"type_5", "\x05\x00\x00\x00", 32, false},
		{"reserved_set", "\x04\x00\x00\x01", 32, false},
		{"cut", "\x04\x00\x00", 32, false},
	} {
		if got := WireGuard([]byte(row.payload), row.length); got != row.want {
			t.Errorf("%s: %v", row.name, got)
		}
	}
}

func TestARP(t *testing.T) {
	b := ARP("\x00\x01\x08\x00\x06\x04\x00\x02\x02\x00\x00\x00\x00\x01\x0a\xf4\x01\x05\x02\x00\x00\x00\x00\x02\x0a\xf4\x01\x01")
	if !b.Valid() || !b.IsIPv4() || b.Operation() != ARPReply || b.SenderMAC() != 0x020000000001 ||
		b.Sender().Netip().String() != "10.244.1.5" || b.Target().Netip().String() != "10.244.1.1" {
		t.Errorf("%x", []byte(b))
	}
	if b[:27].IsIPv4() || b[:7].Valid() {
		t.Error("a cut packet is whole")
	}
}

// The options that the decoder sees rarely; package decode's tests have the usual ones.
func TestTCPOptions(t *testing.T) {
	for _, row := range []struct {
		name, bytes string
		want        TCPOptions
	}{
		{
			"three_sack_blocks", "\x01\x01\x05\x1a\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04\x00\x00\x00\x05\x00\x00\x00\x06",
			TCPOptions{SACKLeft: 1, SACKRight: 2, Set: OptionSACK},
		},
		{"sack_of_odd_length", "\x05\x0b\x00\x00\x00\x01\x00\x00\x00\x02\x00", TCPOptions{}},
		{"mss_of_length_3", "\x02\x03\x05\x00", TCPOptions{}},
		{"timestamps_last", "\x02\x04\x05\xb4\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x02", TCPOptions{MSS: 1460, TSVal: 1, TSEcr: 2, Set: OptionMSS | OptionTimestamps}},
		{"timestamps_first_then_more", "\x01\x01\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x02\x03\x03\x07\x00", TCPOptions{TSVal: 1, TSEcr: 2, WindowScale: 7, Set: OptionTimestamps | OptionWindowScale}},
		{"kind_without_length", "\x02", TCPOptions{}},
	} {
		var o TCPOptions
		o.Read([]byte(row.bytes))
		if o != row.want {
			t.Errorf("%s: %+v, want %+v", row.name, o, row.want)
		}
	}
}
