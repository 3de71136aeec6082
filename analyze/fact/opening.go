package fact

// Swallowed returns the legs between which a node swallowed the first SYN of a connection that a later one opened: the last leg that shows it,
// and the next one on the same node, which shows a later one only. Nil for none.
func (c *Connection) Swallowed() (before, after *Leg) {
	// A SYN is sent again after a second (RFC 6298, section 2.1).
	const again = 0.9e9
	if c.Proto != TCP || c.Midstream || c.Phase == PhaseHandshake || c.Flow[ToServer].SYNs < 2 {
		return nil, nil
	}
	for i := range c.Legs {
		l := &c.Legs[i]
		first := l.first()
		switch {
		case first == 0 || len(l.Encap) > 0:
			return nil, nil
		case first-c.Start < again:
			before = l
		case before != nil && before.Node == l.Node:
			return before, l
		default:
			return nil, nil
		}
	}
	return nil, nil
}

// Ignored reports whether the server repeated its SYN-ACK though the client had acknowledged it, and the client its data.
func (c *Connection) Ignored() bool { return c.Unheard > 1 && c.Flow[ToServer].Retransmissions > 0 }

// Unserved reports whether the server's side answered the client's acknowledgement of the handshake, or what came right behind it, with
// a RST like a host that has no such connection, and had sent nothing but its SYN-ACK: its application never took the connection.
func (c *Connection) Unserved() bool {
	r := c.Reset
	return r != nil && c.Proto == TCP && !c.Midstream && r.From == ToClient && r.Bare && r.AnswersAck && !r.InHandshake && !r.Stray && !c.Untranslated &&
		!c.Flow[ToClient].FIN && c.Flow[ToClient].Bytes == 0 && c.Flow[ToServer].MaxAcked == 0 && c.Handshake >= 0
}
