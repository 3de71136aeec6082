package wire

import (
	"strings"
	"testing"
)

func TestBGPNotification(t *testing.T) {
	marker := strings.Repeat("\xff", 16)
	keepalive, expired := marker+"\x00\x13\x04", marker+"\x00\x15\x03\x04\x00"
	for _, row := range []struct {
		what, bytes string
		code        uint8
		ok          bool
	}{
		{"nothing", "", 0, false},
		{"a keepalive", keepalive, 0, false},
		{"a notification", expired, 4, true},
		{"behind a keepalive", keepalive + expired, 4, true},
		{"cut", expired[:20], 0, false},
		{"the middle of an update", expired[1:], 0, false},
		{"no length", marker + "\x00\x00\x03\x04\x00", 0, false},
		{"longer than the segment", marker + "\xff\xff\x02", 0, false},
	} {
		var code uint8
		var ok bool
		for b := BGP(row.bytes); b.Valid() && !ok; b = b.Next() {
			code, _, ok = b.Notification()
		}
		if ok != row.ok || code != row.code {
			t.Errorf("%s: %d %v, want %d %v", row.what, code, ok, row.code, row.ok)
		}
	}
}

func FuzzBGP(f *testing.F) {
	f.Add([]byte(strings.Repeat("\xff", 16) + "\x00\x15\x03\x04\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for b := BGP(data); b.Valid(); b = b.Next() {
			if _, _, ok := b.Notification(); ok && b.Type() != BGPNotification {
				t.Errorf("%x", data)
			}
		}
	})
}
