package build

import (
	"net/netip"
	"time"
)

// Ping sends echo requests to an address, one a second, and returns how many were answered.
func (c *Cluster) Ping(from Host, to netip.Addr, n int) int {
	echo := packet{
		proto: protoICMP, src: netip.AddrPortFrom(c.sourceFor(from, to), 0), dst: netip.AddrPortFrom(to, 0), ttl: 64, df: true,
		id: uint16(c.rng.Uint32()),
	}
	ask, reply := uint8(8), uint8(0) // RFC 792
	if to.Is6() {
		echo.proto, ask, reply = protoICMPv6, 128, 129 // RFC 4443, section 4
	}
	ident, answered := c.rng.Uint32()<<16, 0
	for seq := range n {
		word := ident | uint32(seq+1)
		echo.id++
		echo.icmp = &message{kind: ask, word: word, payload: make([]byte, 56)}
		if f := c.send(from, echo); f.to != nil {
			c.now += c.think
			back := packet{proto: echo.proto, src: f.p.dst, dst: f.p.src, ttl: 64, id: uint16(c.rng.Uint32())}
			back.icmp = &message{kind: reply, word: word, payload: make([]byte, 56)}
			if g := c.send(f.to, back); g.to == from {
				answered++
			}
		}
		c.Wait(time.Second)
	}
	return answered
}
