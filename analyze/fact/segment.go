package fact

// AgreedMSS returns the largest segment that both ends of a TCP connection may send: the smaller one of the two that they announced
// (RFC 9293, section 3.7.1), as each was told; 0 where not both were seen.
func (c *Connection) AgreedMSS() uint16 { return min(c.Flow[ToServer].MSS, c.Flow[ToClient].MSS) }

// OwnMSS returns the maximum segment size that the machine with the client's address (ToServer) or with the address called (ToClient)
// announced itself; 0 where the capture does not show that it did. It follows from the MTU of its interface. A packet whose TTL a router has
// touched may be that of a pod behind the machine, with the machine's address, and so may one that was translated.
func (c *Connection) OwnMSS(d Direction) uint16 {
	if c.Proto != TCP || c.SNAT.IsValid() || c.Destination != c.Called {
		return 0
	}
	own := false
	for i := range c.Legs {
		l := &c.Legs[i]
		if len(l.Encap) > 0 {
			return 0
		}
		for k := range l.Views {
			v := &l.Views[k]
			own = own || v.Flow == d && (v.TTL == 64 || v.TTL == 128 || v.TTL == 255)
		}
	}
	if !own {
		return 0
	}
	return c.Flow[d].MSS
}
