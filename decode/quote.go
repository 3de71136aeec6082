package decode

// Quote decodes the packet that the ICMP or ICMPv6 error p quotes into q, and reports whether there is one. data are the
// frame's captured bytes that p was decoded from.
//
// A quote is evidence about another sender's packet and never a packet itself. It may be as short as the IP header and
// eight bytes, enough for TCP's ports and sequence number (HasSeq without HasTCP); lengths are those that the quoted
// headers claim. Encapsulations inside the quote are unwrapped: q.Stack is 0 if the error is about a bare packet, and
// the tunnel if it is about a tunnel's packet. p.Stack, the way of the error itself, does not matter. A quoted ICMP
// error may quote again. Time, Frame, Interface, Direction, MAC, Cap and Wire are p's.
func (d *Decoder) Quote(p *Packet, data []byte, q *Packet) bool {
	if p.Has&HasQuote == 0 || int(p.Payload)+int(p.PayloadCap) > len(data) {
		return false
	}
	// Cleared in place and set field by field, see Decode.
	*q = Packet{}
	q.Time, q.Frame, q.Interface, q.Direction, q.MAC, q.Hardware = p.Time, p.Frame, p.Interface, p.Direction, p.MAC, p.Hardware
	q.Cap, q.Wire = p.Cap, p.Wire
	var x dissection
	x.decoder, x.data = d, data
	x.off, x.limit, x.end = int(p.Payload), int(p.Payload+p.PayloadCap), int(p.Payload)+int(p.PayloadLen)
	if !quotesIP(x.rest()) {
		return false
	}
	x.run(q, atIP)
	x.finish(q)
	return q.Network == NetIPv4 || q.Network == NetIPv6 || q.Stack != 0
}
