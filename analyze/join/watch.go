package join

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// Watch names connections, by the frame that the id of each says, of which every sighting is to be told.
type Watch struct {
	// First are their first frames. What a connection is called in a Sighting is its index here.
	First []fact.Ref
	// Sighting is called for each frame of these connections.
	Sighting func(*Sighting)
}

// Sighting is a frame of a connection that is watched.
type Sighting struct {
	// Connection is the index in Watch.First.
	Connection int
	// Packet is valid during the call only. Its time is corrected for the clock of its capture.
	Packet *decode.Packet
	Origin sight.Origin
	// Encaps lists its encapsulations, outermost first.
	Encaps []decode.Encap
	// Tunnel is the same for all packets in these encapsulations, in both directions; 0 without any.
	Tunnel decode.StackID
	Flow   fact.Direction
	// Key identifies the packet over its sightings: NAT, routing and tunnels leave it alone. Segmentation does not.
	Key uint32
	// Repeat is what the view made of it.
	Repeat sight.Repeat
}

// begins returns what a new connection is watched as: its place in w.First from 1 on, 0 where it isn't.
func (w *Watch) begins(c *conn) uint16 {
	return uint16(slices.Index(w.First, ref(c.capture, c.frame)) + 1)
}

func (j *Joiner) tell(watched uint16, p *decode.Packet, key uint32, dir fact.Direction, repeat sight.Repeat, o *sight.Origin) {
	s := Sighting{Connection: int(watched) - 1, Packet: p, Origin: *o, Flow: dir, Key: key, Repeat: repeat}
	if p.Stack != 0 {
		stack := j.stacks.Get(p.Stack)
		s.Encaps, s.Tunnel = stack.Encaps, stack.Tunnel
	}
	j.sinks.Watch.Sighting(&s)
}
