package join

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// reverse gives a connection that began before the capture its direction, if the one that was guessed at its first packet is wrong: its client
// is known as a server by now, because it accepted other connections at that port, and its server is not.
func (j *Joiner) reverse(id connID, c *conn) {
	if !c.midstream || !c.proto.Opens() {
		return
	}
	client, called, _ := j.ends(c)
	if !j.servers[client] || j.servers[called] {
		return
	}
	c.clientIsA = ^c.clientIsA
	c.ways[0], c.ways[1] = c.ways[1], c.ways[0]
	c.ingress, c.stray, c.resumedBy, c.crossed = ingress{}, 0, 1-c.resumedBy, false
	if both := j.windows[id]; both != nil {
		both[0], both[1] = both[1], both[0]
	}
	for i := range c.marks[:c.nmarks] {
		c.marks[i].what ^= toClient
	}
	if r := j.resets[id]; r != nil {
		r.from = 1 - r.from
	}
	client, _, _ = j.ends(c)
	for i := range j.errors[id] {
		e := &j.errors[id][i]
		e.Flow = 1 - e.Flow
		e.ToClient = !e.Tunnel && e.Flow == fact.ToServer && e.Dst == client.addr.Netip() && e.QuotedSrc == netip.AddrPortFrom(e.Dst, client.port)
	}
}
