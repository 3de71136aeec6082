package life

import (
	"math"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/wire"
)

// leastQuiet is from when on a pause of a connection is a silence, in nanoseconds.
const leastQuiet = 1e9

// closingBit is the bit of conn.quiet that is set where a FIN ended the silence.
const closingBit = 1 << 31

// idle returns the latest silence, nil for none.
func (c *State) idle() *fact.Idle {
	if c.quiet == 0 {
		return nil
	}
	until := c.Start + int64(c.resumed)*1e6
	return &fact.Idle{Since: until - int64(c.quiet&^closingBit)*1e6, Until: until, By: c.resumedBy, Closing: c.quiet&closingBit != 0}
}

// resume enters that something new ended a silence.
func (c *State) resume(s *Sighting) {
	c.quiet = uint32(min(s.quiet/1e6, closingBit-1))
	if s.Packet.Flags&wire.FIN != 0 && s.Packet.PayloadLen == 0 {
		c.quiet |= closingBit
	}
	c.resumed = uint32(min((s.Packet.Time-c.Start)/1e6, math.MaxUint32))
	c.resumedBy = s.Dir
}
