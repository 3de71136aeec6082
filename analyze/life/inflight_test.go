package life

import (
	"testing"

	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// TestInFlight: a packet on its way remembers its ingress interface and its turns, as many as there can be.
func TestInFlight(t *testing.T) {
	for _, d := range []Ingress{{iface: 1 << 31, capture: 1<<16 - 1, known: true}, {iface: 7, capture: 3}} {
		var f inFlight
		f.begin(&decode.Packet{Time: 5, TTL: 255}, d)
		if f.ingress() != d || f.rounds() != 0 {
			t.Errorf("%+v became %+v, after %d rounds", d, f.ingress(), f.rounds())
		}
		for ttl := 253; ttl > 0; ttl -= 2 {
			if !f.cameAround(&decode.Packet{TTL: uint8(ttl)}, sight.Loop) {
				t.Fatalf("TTL %d: no further round", ttl)
			}
		}
		if f.ingress() != d || f.rounds() != 127 {
			t.Errorf("%+v became %+v, after %d rounds", d, f.ingress(), f.rounds())
		}
	}
}
