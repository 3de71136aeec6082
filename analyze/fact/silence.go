package fact

// Idle is a silence of a connection, in both directions.
type Idle struct {
	Since, Until int64
	// By is the direction of what ended it.
	By Direction
	// Closing says that a FIN without data ended it.
	Closing bool
}

// DiedIdle reports whether a long silence was the end of a connection: what was sent after it was answered by a RST, or never, and the
// other side had not closed.
func (c *Connection) DiedIdle() bool {
	// The shortest limits on the way are longer: 180 s of conntrack for a UDP stream and 240 s of cloud load balancers. Who lowers them
	// for TCP seldom goes below.
	const long, soon = 15e9, 1e9
	i := c.Idle
	if c.Proto != TCP || i == nil || i.Until-i.Since < long || i.Closing || c.Flow[1-i.By].FIN {
		return false
	}
	if r := c.Reset; r != nil && c.Outcome == ResetOutcome {
		return r.From != i.By && r.Time >= i.Until && (r.Bare || r.Time-i.Until < soon)
	}
	s := c.Flow[i.By].Stall
	return c.Outcome == Hang && s != nil && !s.Acked && !s.PeerAlive && s.First >= i.Until && s.First-i.Until < soon
}

// exact is how well a silence is known, in nanoseconds.
const exact = 2e6

// Moved reports whether the source of a connection was rewritten to one port before its silence and to another one after it: the
// translation had been forgotten meanwhile. The old port may be seen once more afterwards: what the server still sends to it the node resets.
func (c *Connection) Moved() bool {
	if c.Idle == nil || len(c.Legs) < 3 {
		return false
	}
	for i := range c.Legs {
		for k := range c.Legs {
			a, b := &c.Legs[i], &c.Legs[k]
			if a.Dst == b.Dst && a.Node == b.Node && a.Src.Addr() == b.Src.Addr() && a.Src != b.Src && a.Src != c.Client && b.Src != c.Client &&
				a.first() <= c.Idle.Since+exact && b.first() >= c.Idle.Until-exact {
				return true
			}
		}
	}
	return false
}

// Diverted reports whether a connection was translated to one backend before its silence and to another one after it, which reset it: the
// translation had been forgotten meanwhile.
func (c *Connection) Diverted() bool {
	return c.Idle != nil && c.Former != nil && c.Reset != nil && c.Reset.Stray && c.Former.Last <= c.Idle.Since+exact
}

// first is when a packet to the server was first seen on a leg; 0 for never.
func (l *Leg) first() int64 {
	t := int64(0)
	for i := range l.Views {
		if v := &l.Views[i]; v.Flow == ToServer && (t == 0 || v.First < t) {
			t = v.First
		}
	}
	return t
}
