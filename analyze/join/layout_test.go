package join

import (
	"testing"
	"unsafe"
)

// TestLayout: what every packet touches of a connection begins where a cache line does, and stays so in a slab.
func TestLayout(t *testing.T) {
	var c conn
	for what, at := range map[string]uintptr{
		"conn": unsafe.Sizeof(c), "ways": unsafe.Offsetof(c.ways), "way": unsafe.Sizeof(c.ways[0]),
	} {
		if at%line != 0 {
			t.Errorf("%s: %d bytes are no whole cache lines", what, at)
		}
	}
	if at := unsafe.Offsetof(c.ttl); at >= 2*line {
		t.Errorf("the door ends at byte %d", at)
	}
}
