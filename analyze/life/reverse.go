package life

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// Reverse turns a connection around whose direction was guessed wrong at its first packet.
func (ls *Lives) Reverse(id ID, c *State) {
	c.clientIsA = ^c.clientIsA
	c.ways[0], c.ways[1] = c.ways[1], c.ways[0]
	c.Ingress, c.stray, c.resumedBy, c.crossed = Ingress{}, 0, 1-c.resumedBy, false
	if both := ls.windows[id]; both != nil {
		both[0], both[1] = both[1], both[0]
	}
	for i := range c.marks[:c.nmarks] {
		c.marks[i].what ^= toClient
	}
	if r := ls.resets[id]; r != nil {
		r.from = 1 - r.from
	}
	client, _, _ := ls.Ends(c)
	for i := range ls.errors[id] {
		e := &ls.errors[id][i]
		e.Flow = 1 - e.Flow
		e.ToClient = !e.Tunnel && e.Flow == fact.ToServer && e.Dst == client.Addr.Netip() && e.QuotedSrc == netip.AddrPortFrom(e.Dst, client.Port)
	}
}
