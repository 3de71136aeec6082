package capture

import (
	"errors"
	"strings"
	"testing"

	"github.com/netsift/netsift/decode/terse"
)

// TestFactsBomb: frames that cost next to nothing are taken for honest only up to a number that is decoded in seconds.
func TestFactsBomb(t *testing.T) {
	for _, c := range []struct {
		frames, bytes int64
		bomb          bool
	}{
		{cheapFrames, 100, false},
		{cheapFrames + 1, 100, true},
		{10 * cheapFrames, 10 * cheapFrames / cheapestFrames, false},
		{10*cheapFrames + cheapestFrames, 10 * cheapFrames / cheapestFrames, true},
	} {
		x := &facts{frames: c.frames, off: c.bytes, interfaces: make([]Interface, 1)}
		if err := x.check(&terse.Frame{Number: 1}); errors.Is(err, errBomb) != c.bomb {
			t.Errorf("%d frames of %d bytes: %v", c.frames, c.bytes, err)
		}
	}
}

// TestFactsTexts: what texts of a facts file are remembered is bounded, and so is the number of interfaces.
func TestFactsTexts(t *testing.T) {
	x := &facts{}
	face := []byte(`{"link":1,"name":"` + strings.Repeat("x", 1<<20) + `"}`)
	for range 100 {
		x.take(factsInterface, face)
	}
	if n := len(x.interfaces); n == 0 || n > maxFactsTexts>>20 {
		t.Errorf("%d interfaces with names of a megabyte", n)
	}
	x = &facts{}
	for range maxInterfaces + 10 {
		x.take(factsInterface, []byte(`{"link":1}`))
	}
	if n := len(x.interfaces); n != maxInterfaces {
		t.Errorf("%d interfaces", n)
	}
}
