package fact

// Untold returns the ICMP error that says packets are too big, came in to the machine that its sender lives on and was not seen to reach it,
// while the sender goes on with packets as long as before; nil without one. Who sends from the machine's own sockets is told by the error itself.
func (c *Connection) Untold() *ICMPError {
	for i := range c.Errors {
		e := &c.Errors[i]
		if e.TooBig() && c.TooLong(e.Flow, e) && !c.toldOf(e) && c.At(e.Flow, e.In) {
			return e
		}
	}
	return nil
}

// TooLong reports whether a direction's data was sent again and again, never acknowledged, after an ICMP error and in packets longer than it
// allows. What is quoted of a tunnel is longer than the packet inside.
func (c *Connection) TooLong(d Direction, e *ICMPError) bool {
	const often = 3
	f := &c.Flow[d]
	s := f.Stall
	if s == nil || s.Acked || s.Probe || s.Shrunk > 0 || s.Sends < often || s.Last <= e.Time {
		return false
	}
	length := s.IPLen
	if e.Tunnel {
		for i := range c.Legs {
			if len(c.Legs[i].Encap) > 0 {
				length += c.Legs[i].Encap[0].Overhead
				break
			}
		}
	}
	return length > e.MTU
}

// toldOf reports whether the sender of what an error quotes was told by this one or by another: it went out where the sender lives.
func (c *Connection) toldOf(e *ICMPError) bool {
	for i := range c.Errors {
		if x := &c.Errors[i]; x.TooBig() && !x.Tunnel && x.Flow == e.Flow && c.At(e.Flow, x.Out) {
			return true
		}
	}
	return false
}

// At reports whether one of the captures in a set shows where a direction's packets come out of their sender: coming in to the node with a
// TTL that no router touched.
func (c *Connection) At(d Direction, captures uint64) bool {
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			v := &l.Views[k]
			if len(l.Encap) == 0 && v.Flow == d && v.In() && (v.TTL == 64 || v.TTL == 128 || v.TTL == 255) && captures>>v.Capture&1 != 0 {
				return true
			}
		}
	}
	return false
}
