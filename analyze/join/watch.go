package join

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// Watch names connections, by the frame that the id of each says, of which every sighting is to be told.
type Watch struct {
	// First are their first frames. A Sighting names a connection by its index here.
	First []fact.Ref
	// All has every connection watched, and First is not looked at.
	All bool
	// Sighting is called for each frame of these connections.
	Sighting func(*Sighting)
}

// Sighting is a frame of a connection that is watched.
type Sighting struct {
	// Connection is the index in Watch.First; 0 where all are watched.
	Connection int
	// Born is the first frame of the connection, which its id says.
	Born fact.Ref
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
	// First says that no view showed the packet before, nor a longer one that it is a segment of.
	First bool
	// Further says that its leg is beyond those that are kept of a connection, as they are of one that goes in circles through
	// masquerading nodes. Flow and First are not known then.
	Further bool
}

// begins returns the place of a new connection in w.First, from 1 on; 0 where it is not watched.
func (w *Watch) begins(c *conn) uint16 {
	if w.All {
		return 1
	}
	return uint16(slices.Index(w.First, ref(c.Capture, c.Frame)) + 1)
}

func (j *Joiner) tell(c *conn, x *life.Sighting) {
	s := Sighting{
		Connection: int(c.watched) - 1, Born: ref(c.Capture, c.Frame), Packet: x.Packet, Origin: *x.Origin, Flow: x.Dir, Key: x.Key, Repeat: x.Repeat, First: x.First,
		Further: x.Leg < 0,
	}
	if x.Packet.Stack != 0 {
		stack := j.stacks.Get(x.Packet.Stack)
		s.Encaps, s.Tunnel = stack.Encaps, stack.Tunnel
	}
	j.sinks.Watch.Sighting(&s)
}
