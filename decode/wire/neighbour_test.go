package wire

import (
	"net/netip"
	"strings"
	"testing"
)

func TestNeighbourOptions(t *testing.T) {
	target := string(netip.MustParseAddr("fd00::1").AsSlice())
	for _, row := range []struct {
		what, bytes string
		mac         uint64
		ok          bool
	}{
		{"nothing", "", 0, false},
		{"target cut", target[:15], 0, false},
		{"no option", target, 0, false},
		{"its address", target + "\x02\x01\x0a\x58\x0a\xf4\x02\x08", 0x0a580af40208, true},
		{"behind a nonce", target + "\x0e\x01abcdef\x02\x01\x0a\x58\x0a\xf4\x02\x08", 0x0a580af40208, true},
		{"the sender's only", target + "\x01\x01\x0a\x58\x0a\xf4\x02\x08", 0, false},
		{"cut", target + "\x02\x01\x0a\x58\x0a\xf4\x02", 0, false},
		{"no length", target + "\x0e\x00abcdef\x02\x01\x0a\x58\x0a\xf4\x02\x08", 0, false},
		{"longer than the message", target + "\x0e\xffabcdef\x02\x01\x0a\x58\x0a\xf4\x02\x08", 0, false},
		{"InfiniBand", target + "\x02\x03" + strings.Repeat("x", 22), 0, false},
	} {
		b := Neighbour(row.bytes)
		mac, ok := b.MAC(NeighbourTargetMAC)
		if ok != row.ok || ok && mac != row.mac {
			t.Errorf("%s: %x %v, want %x %v", row.what, mac, ok, row.mac, row.ok)
		}
		if b.Valid() && b.Target().Netip().String() != "fd00::1" {
			t.Errorf("%s: target %v", row.what, b.Target().Netip())
		}
	}
}

func FuzzNeighbour(f *testing.F) {
	f.Add([]byte("\xfd\x00............\x00\x01\x02\x01\x0a\x58\x0a\xf4\x02\x08"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := Neighbour(data)
		if mac, ok := b.MAC(NeighbourTargetMAC); ok && (!b.Valid() || mac>>48 != 0) {
			t.Errorf("%x in %x", mac, data)
		}
	})
}
