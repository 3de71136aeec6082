package analyze

import (
	"testing"

	"github.com/netsift/netsift/analyze/join"
)

// TestLaterFull: however long messages are, what is kept of them is bounded.
func TestLaterFull(t *testing.T) {
	for _, length := range []int{0, 100, 60_000} {
		l, kept := &later{}, 0
		for !l.full() {
			l.dns(join.Message{Body: make([]byte, length)})
			kept += length
			if len(l.found) > enough || kept > enoughBytes+length {
				t.Fatalf("%d messages of %d bytes are kept", len(l.found), length)
			}
		}
	}
}
