package netsift

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
)

// ordinals counts the sightings of each packet.
type ordinals struct {
	// seen counts those of the latest packets, which latest has round and round.
	seen   map[packetKey]int
	latest []packetKey
	at     int
}

// packetKey tells packets apart: by their connection, and in it by join.Sighting.Key.
type packetKey struct {
	born fact.Ref
	key  uint32
}

// inFlight is how many packets may be on their way at once for their sightings to be counted.
const inFlight = 1 << 12

func newOrdinals() ordinals { return ordinals{seen: map[packetKey]int{}} }

// count returns the ordinal of the sighting among those of its packet, 0 if that isn't known: a segment of a longer
// packet, as offloading cuts it, has no earlier sighting of its own. Sightings are to be shown to it in order.
func (o *ordinals) count(s *join.Sighting) int {
	k := packetKey{s.Born, s.Key}
	n, known := o.seen[k]
	switch {
	case s.First:
		n = 0
	case !known:
		return 0
	}
	if !known {
		if len(o.latest) < inFlight {
			o.latest = append(o.latest, k)
		} else {
			delete(o.seen, o.latest[o.at])
			o.latest[o.at] = k
			o.at = (o.at + 1) % inFlight
		}
	}
	o.seen[k] = n + 1
	return n + 1
}
