package netsift

import "testing"

func TestSize(t *testing.T) {
	for s, want := range map[string]int64{
		"0": 0, "4096": 4096, "512MB": 512 << 20, "512M": 512 << 20, "512 MiB": 512 << 20, "1.5g": 3 << 29, "2TB": 2 << 40, "7B": 7, "64kB": 64 << 10,
	} {
		if got, err := size(s); got != want || err != nil {
			t.Errorf("size(%q) = %d, %v; want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "MB", "12X", "1MM", "-5MB", "1e40", "NaN", "0x10", "9999999TB", "5MB/s"} {
		if got, err := size(s); err == nil {
			t.Errorf("size(%q) = %d, want an error", s, got)
		}
	}
}
