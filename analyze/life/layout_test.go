package life

import (
	"testing"
	"unsafe"
)

// TestLayout: what every packet touches of a life begins where a cache line does, if 16 bytes are before it, and it ends so.
func TestLayout(t *testing.T) {
	const line, before = 64, 16
	var c State
	for what, at := range map[string]uintptr{
		"State": before + unsafe.Sizeof(c) + 8, "ways": before + unsafe.Offsetof(c.ways), "way": unsafe.Sizeof(c.ways[0]),
		"inFlight": unsafe.Sizeof(c.ways[0].inFlight),
	} {
		if at%line != 0 {
			t.Errorf("%s: %d bytes are no whole cache lines", what, at)
		}
	}
	if at := before + unsafe.Offsetof(c.TTL); at >= 2*line {
		t.Errorf("the ingress ends at byte %d", at)
	}
}
