package join

import (
	"testing"

	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// TestFlight: a packet on its way remembers its door and its turns, as many as there can be.
func TestFlight(t *testing.T) {
	for _, d := range []door{{iface: 1 << 31, capture: 1<<16 - 1, known: true}, {iface: 7, capture: 3}} {
		var f flight
		f.begin(&decode.Packet{Time: 5, TTL: 255}, d)
		if f.door() != d || f.rounds() != 0 {
			t.Errorf("%+v became %+v, after %d rounds", d, f.door(), f.rounds())
		}
		for ttl := 253; ttl > 0; ttl -= 2 {
			if !f.cameAround(&decode.Packet{TTL: uint8(ttl)}, sight.Loop) {
				t.Fatalf("TTL %d: no further round", ttl)
			}
		}
		if f.door() != d || f.rounds() != 127 {
			t.Errorf("%+v became %+v, after %d rounds", d, f.door(), f.rounds())
		}
	}
}
