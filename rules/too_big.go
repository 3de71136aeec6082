package rules

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// tooBig returns the first ICMP error that told a sender its packets are too big.
func tooBig(c *fact.Connection) *fact.ICMPError {
	for i := range c.Errors {
		if e := &c.Errors[i]; e.TooBig() {
			return e
		}
	}
	return nil
}

// senderOf returns the two ends of a direction.
func senderOf(c *fact.Connection, d fact.Direction) (from, to netip.Addr) {
	if d == fact.ToServer {
		return c.Client.Addr(), c.Destination.Addr()
	}
	return c.Destination.Addr(), c.Client.Addr()
}
