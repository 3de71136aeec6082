package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// Watch names a connection, by the frame that its id says, of which every sighting is to be told.
type Watch struct {
	// Capture is the index of the file and Frame the frame's number in it.
	Capture int
	Frame   uint64
	// Sighting is called for each frame of the connection; nil watches nothing.
	Sighting func(*Sighting)
}

// Sighting is a frame of the connection that is watched.
type Sighting struct {
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

// begins marks a new connection that is to be watched.
func (w *Watch) begins(c *conn) bool {
	return w.Sighting != nil && c.frame == w.Frame && int(c.capture) == w.Capture
}

func (j *Joiner) tell(p *decode.Packet, key uint32, dir fact.Direction, repeat sight.Repeat, o *sight.Origin) {
	s := Sighting{Packet: p, Origin: *o, Flow: dir, Key: key, Repeat: repeat}
	if p.Stack != 0 {
		stack := j.stacks.Get(p.Stack)
		s.Encaps, s.Tunnel = stack.Encaps, stack.Tunnel
	}
	j.sinks.Watch.Sighting(&s)
}
