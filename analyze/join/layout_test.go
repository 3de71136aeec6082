package join

import (
	"testing"
	"unsafe"
)

// TestLayout: a connection and a packet that passed fill whole cache lines, and a life begins where it expects to (life.TestLayout).
func TestLayout(t *testing.T) {
	var c conn
	for what, at := range map[string]uintptr{"conn": unsafe.Sizeof(c), "recently": unsafe.Sizeof(recently{})} {
		if at%line != 0 {
			t.Errorf("%s: %d bytes are no whole cache lines", what, at)
		}
	}
	if at := unsafe.Offsetof(c.State); at != 16 {
		t.Errorf("the life begins at byte %d", at)
	}
}

// TestBudget: what a live connection takes is written down in docs/performance.md. Whoever makes it more has to say so there.
func TestBudget(t *testing.T) {
	for _, x := range []struct {
		what       string
		is, atMost int
	}{
		{"connection", connBytes, 1120},
		{"leg", legBytes, 122},
		{"view", viewBytes, 149},
		{"connection of one leg, in one place in both directions", connBytes + legBytes + 2*viewBytes, 1540},
		{"connection with three legs, in four places in both directions", connBytes + 3*legBytes + 8*viewBytes, 2700},
	} {
		if x.is > x.atMost {
			t.Errorf("%s: %d bytes, %d are allowed", x.what, x.is, x.atMost)
		}
	}
}
